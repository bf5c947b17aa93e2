"""What comes in and goes out where rule sets are proved, put through the museum and played against bots."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString
from pricing.api.boundary import boundary_field
from pricing.engine.price_war import DAYS, Ending
from pricing.rules.bots import BOTS
from pricing.rules.verdicts import ProofStatus, Severity


class RuleDocumentInput(serializers.Serializer[Any]):
    """A rule set as a document, saved or not."""

    document = serializers.JSONField(help_text="As of GET rule-schema.")


class RuleProblemSerializer(serializers.Serializer[Any]):
    """Something wrong with a rule set."""

    severity = serializers.ChoiceField(choices=[each.value for each in Severity])
    code = serializers.CharField()
    pointer = serializers.CharField(help_text="JSON pointer into the document.")
    text = serializers.CharField()
    remedy = serializers.CharField()
    witness = serializers.DictField(child=serializers.CharField(), help_text="Inputs that show it.")


class ReachSerializer(serializers.Serializer[Any]):
    """How far one rule goes before any limit."""

    rule = serializers.CharField()
    lowest = DecimalString()
    highest = DecimalString()
    needs_floor = serializers.BooleanField(help_text="The floor has to stop it somewhere in the ranges.")


class ProofSerializer(serializers.Serializer[Any]):
    """Whether no combination of rules passes the floor."""

    status = serializers.ChoiceField(choices=[each.value for each in ProofStatus])
    because = serializers.CharField()
    ranges = serializers.DictField(
        child=serializers.ListField(child=DecimalString()), help_text="Declared: lowest, highest."
    )
    cells = serializers.IntegerField(help_text="Prices that were tried one by one.")
    reaches = ReachSerializer(many=True)
    counter_example = serializers.DictField(child=serializers.CharField(), allow_null=True)


class ExhibitSerializer(serializers.Serializer[Any]):
    """One historical disaster."""

    key = serializers.CharField()
    title = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    survived = serializers.BooleanField()
    how = serializers.CharField()


class MuseumSerializer(serializers.Serializer[Any]):
    """How many of the disasters the rule set survives."""

    score = serializers.IntegerField()
    of = serializers.IntegerField()
    exhibits = ExhibitSerializer(many=True)


class WarVerdictSerializer(serializers.Serializer[Any]):
    """How a month against one bot ended, from the start that ended worst."""

    bot = serializers.CharField()
    title = serializers.CharField()
    ending = serializers.ChoiceField(choices=[each.value for each in Ending])
    start = DecimalString()
    rival = DecimalString()
    cycle = serializers.IntegerField(allow_null=True, help_text="Turns after which prices repeat.")
    lowest = DecimalString()
    changes = serializers.IntegerField()
    lost = DecimalString(allow_null=True, help_text="Contribution lost against standing still, in USD.")


class VerificationSerializer(serializers.Serializer[Any]):
    """Everything that was found; `is_sound` false refuses activation."""

    boundary = boundary_field()
    is_sound = serializers.BooleanField()
    problems = RuleProblemSerializer(many=True)
    proof = ProofSerializer()
    museum = MuseumSerializer()
    wars = WarVerdictSerializer(many=True)


class PriceWarInput(serializers.Serializer[Any]):
    """Which rule set is to be played against which bot, for which listing."""

    document = serializers.JSONField(help_text="As of GET rule-schema.")
    store_id = serializers.IntegerField(min_value=1)
    sku = serializers.CharField(max_length=100)
    bot = serializers.ChoiceField(choices=list(BOTS))
    rival = DecimalString(help_text="The rival's price at the start, in the store's currency.")
    rival_least = DecimalString(help_text="The price below which the rival does not go.")
    days = serializers.IntegerField(min_value=1, max_value=90, required=False, default=DAYS)


class TurnSerializer(serializers.Serializer[Any]):
    """Both prices after a turn."""

    turn = serializers.IntegerField()
    own = DecimalString()
    rival = DecimalString()


class PriceWarSerializer(serializers.Serializer[Any]):
    """How a war went, turn by turn; a model, not a forecast."""

    boundary = boundary_field()
    bot = serializers.CharField()
    title = serializers.CharField()
    ending = serializers.ChoiceField(choices=[each.value for each in Ending])
    cycle = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    floor = DecimalString(allow_null=True)
    lowest = DecimalString()
    changes = serializers.IntegerField()
    lost = DecimalString(allow_null=True, help_text="Contribution lost against standing still.")
    turns = TurnSerializer(many=True)
