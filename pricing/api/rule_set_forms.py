"""The form of what the endpoints of rule sets take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.money import MoneyField
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from pricing.api.boundary import boundary_field
from pricing.rules.presets import PRESETS
from pricing.selectors.rule_sets import RuleSetState
from pricing.types import Outcome, Tier

LARGEST = 2**63 - 1
LARGEST_VERSION = 2**31 - 1
MOST_DRY_RUN = 500


class ScopeInput(serializers.Serializer[Any]):
    """Which listings a rule set is for: those that match every list; an empty one matches all."""

    stores = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST), required=False, max_length=1000
    )
    markets = serializers.ListField(
        child=serializers.CharField(max_length=2, help_text="Such as JP."), required=False, max_length=10
    )
    tiers = serializers.ListField(child=EnumField(Tier), required=False, max_length=10)
    skus = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=5000)


class RuleSetInput(serializers.Serializer[Any]):
    """A new rule set."""

    key = serializers.RegexField(
        r"^[a-z0-9][a-z0-9_-]*$", max_length=60, help_text="Lower-case letters, digits, - and _."
    )
    document = serializers.JSONField(help_text="As GET rule-schema describes it.")
    scope = ScopeInput(required=False, default=dict)
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class RuleSetVersionInput(serializers.Serializer[Any]):
    """A new version of a rule set; without a scope that of the version before stays."""

    document = serializers.JSONField(help_text="As GET rule-schema describes it.")
    scope = ScopeInput(required=False)
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class ActivationInput(serializers.Serializer[Any]):
    """Which version is to be put in force."""

    version = serializers.IntegerField(
        min_value=1, max_value=LARGEST_VERSION, required=False, help_text="The latest when left out."
    )


class RetirementInput(serializers.Serializer[Any]):
    """Why a rule set is taken out of force."""

    reason = serializers.CharField(max_length=300)


class DryRunInput(serializers.Serializer[Any]):
    """Over which listings of which store a rule set is to be tried."""

    store_id = serializers.IntegerField(min_value=1, max_value=LARGEST)
    version = serializers.IntegerField(
        min_value=1, max_value=LARGEST_VERSION, required=False, help_text="The latest when left out."
    )
    skus = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        default=list,
        max_length=MOST_DRY_RUN,
        help_text="All of the store, from from_sku on, when left out.",
    )
    from_sku = serializers.CharField(
        max_length=100, required=False, default="", allow_blank=True, help_text="next_sku of an answer."
    )
    limit = serializers.IntegerField(min_value=1, max_value=MOST_DRY_RUN, required=False, default=100)
    trace = serializers.BooleanField(required=False, default=False, help_text="Also tell every step.")


class RuleSetQuery(PageQuery):
    """Which rule sets to list."""

    state = EnumField(RuleSetState, required=False)


class DiffQuery(QuerySerializer):
    """Which two versions to compare."""

    before = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)
    after = serializers.IntegerField(min_value=1, max_value=LARGEST_VERSION)


class ScopeSerializer(serializers.Serializer[Any]):
    """Which listings a rule set is for; an empty list matches all."""

    stores = serializers.ListField(child=serializers.IntegerField())
    markets = serializers.ListField(child=serializers.CharField())
    tiers = serializers.ListField(child=EnumField(Tier))
    skus = serializers.ListField(child=serializers.CharField())


class RuleSetSerializer(serializers.Serializer[Any]):
    """A rule set without what its versions say."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    state = EnumField(RuleSetState)
    active_version = serializers.IntegerField(help_text="The version in force; 0 for none.")
    latest_version = serializers.IntegerField()
    version = serializers.IntegerField(help_text="The number in the ETag; it rises with every change.")
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    retired_at = serializers.DateTimeField(allow_null=True)
    boundary = boundary_field()


class RuleSetVersionSerializer(serializers.Serializer[Any]):
    """What a rule set said when it was saved."""

    version = serializers.IntegerField()
    document = serializers.JSONField()
    scope = ScopeSerializer()
    note = serializers.CharField(allow_blank=True)
    saved_at = serializers.DateTimeField()
    saved_by = serializers.CharField()
    boundary = boundary_field()


class RuleSetActivationSerializer(serializers.Serializer[Any]):
    """An activation with what was found before it."""

    version = serializers.IntegerField()
    activated_at = serializers.DateTimeField()
    activated_by = serializers.CharField()
    verification = serializers.JSONField(help_text="Problems, proof of the floor, museum and price wars.")


class RuleSetDetailSerializer(RuleSetSerializer):
    """A rule set with its latest version and its last activation."""

    latest = RuleSetVersionSerializer()
    activation = RuleSetActivationSerializer(allow_null=True)


class DifferenceSerializer(serializers.Serializer[Any]):
    """A place in which two versions differ; rules are found by their keys."""

    pointer = serializers.CharField()
    kind = serializers.ChoiceField(choices=["added", "removed", "changed", "moved"])
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class RuleSetDiffSerializer(serializers.Serializer[Any]):
    """What changed between two versions."""

    key = serializers.CharField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()
    data = DifferenceSerializer(many=True)  # type: ignore[assignment]
    boundary = boundary_field()


class RuleReasonSerializer(serializers.Serializer[Any]):
    """Why: a stable code, a sentence, the figures in it."""

    code = serializers.CharField()
    text = serializers.CharField()
    values = serializers.DictField(child=serializers.CharField())


class RuleStepSerializer(serializers.Serializer[Any]):
    """One step on the way to a price."""

    stage = serializers.ChoiceField(choices=["gate", "rule", "limit", "ending", "bounds", "floor", "check"])
    name = serializers.CharField()
    before = MoneyField(allow_null=True)
    after = MoneyField(allow_null=True)
    reason = RuleReasonSerializer()


class DryRunRowSerializer(serializers.Serializer[Any]):
    """What the rule set would do with one listing."""

    sku = serializers.CharField()
    outcome = EnumField(Outcome)
    in_scope = serializers.BooleanField()
    current_price = MoneyField(allow_null=True)
    price = MoneyField(allow_null=True)
    reasons = RuleReasonSerializer(many=True)
    trace = RuleStepSerializer(many=True, required=False)


class DryRunSerializer(serializers.Serializer[Any]):
    """What a version would do with listings of a store; nothing of it was written."""

    key = serializers.CharField()
    version = serializers.IntegerField()
    store_id = serializers.IntegerField()
    outcomes = serializers.DictField(child=serializers.IntegerField(), help_text="Rows by outcome.")
    reasons = serializers.DictField(child=serializers.IntegerField(), help_text="Rows by first reason.")
    data = DryRunRowSerializer(many=True)  # type: ignore[assignment]
    next_sku = serializers.CharField(allow_null=True, help_text="Where the rest begins; null at the end.")
    boundary = boundary_field()


class RuleSchemaSerializer(serializers.Serializer[Any]):
    """The form of a rule set's document."""

    schema = serializers.JSONField(help_text="JSON Schema 2020-12.")
    boundary = boundary_field()


class RuleTemplateSerializer(serializers.Serializer[Any]):
    """A rule set to start from."""

    key = serializers.ChoiceField(choices=list(PRESETS))
    meaning = serializers.CharField()
    document = serializers.JSONField()


class RuleTemplatesSerializer(serializers.Serializer[Any]):
    """The library of rule sets."""

    data = RuleTemplateSerializer(many=True)  # type: ignore[assignment]
    boundary = boundary_field()
