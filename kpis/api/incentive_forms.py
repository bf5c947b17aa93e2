"""The form of what the incentives' endpoints take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from kpis.engine.action_states import AppealState

_ZERO = Decimal(0)


def _number(**kwargs: Any) -> DecimalString:
    return DecimalString(max_whole=6, minimum=_ZERO, **kwargs)


class BandSerializer(serializers.Serializer[Any]):
    """From this attainment on (1: the target met) a KPI is worth so many points."""

    attained_from = _number()
    points = _number()


class RuleInput(serializers.Serializer[Any]):
    """What attained targets are worth from a day on."""

    name = serializers.CharField(max_length=120)
    effective_on = DayField()
    bands = BandSerializer(many=True, help_text="Rising.")
    weights = serializers.DictField(
        child=_number(), required=False, default=dict, help_text="By KPI; 1 where none is named."
    )
    cap = _number(help_text="The most points there are.")
    bonus_per_point = MoneyField(required=False, allow_null=True, default=None)


class IncentiveRuleSerializer(serializers.Serializer[Any]):
    """One version of the rule."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    effective_on = serializers.DateField()
    document = serializers.JSONField(help_text="bands, weights, cap and bonus_per_point.")
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()


class IncentiveStatementSerializer(serializers.Serializer[Any]):
    """A statement without its lines."""

    id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    person = serializers.CharField()
    month = serializers.CharField()
    version = serializers.IntegerField(help_text="A correction is another version.")
    rule_version = serializers.IntegerField()
    review_id = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="Of the document's canonical JSON.")
    points = DecimalString(max_decimals=2)
    appeal_id = serializers.IntegerField(allow_null=True)
    made_at = serializers.DateTimeField()
    made_by = serializers.CharField()


class IncentiveStatementDetailSerializer(IncentiveStatementSerializer):
    """A statement as it was frozen."""

    document = serializers.JSONField(help_text="The rule, every line with share, weight and points, the sum.")


class StatementsInput(serializers.Serializer[Any]):
    """Which month to make statements of."""

    month = serializers.RegexField(r"^\d{4}-\d{2}$", help_text="A month like 2026-10.")


class MadeStatementsSerializer(serializers.Serializer[Any]):
    """The statements that were made."""

    made = serializers.ListField(child=serializers.IntegerField())


class StatementQuery(PageQuery):
    """Which statements to list."""

    user = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    month = serializers.CharField(required=False, max_length=7)


class OwnStatementQuery(PageQuery):
    """Which of one's own statements to list."""

    month = serializers.CharField(required=False, max_length=7)


class AppealInput(serializers.Serializer[Any]):
    """Why the statement is wrong."""

    reason = serializers.CharField(max_length=1000)


class AppealSerializer(serializers.Serializer[Any]):
    """An objection and what was decided on it."""

    id = serializers.IntegerField()
    statement_id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    state = EnumField(AppealState)
    version = serializers.IntegerField()
    reason = serializers.CharField()
    decision = serializers.CharField(allow_blank=True)
    filed_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_blank=True)


class CorrectionInput(serializers.Serializer[Any]):
    """How far the target of a KPI of a store was met after all."""

    store_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    kpi = serializers.CharField(max_length=48)
    attainment = _number()


class AppealDecision(serializers.Serializer[Any]):
    """Accepted with what changes, or rejected; always with a reason."""

    state = serializers.ChoiceField(choices=[AppealState.ACCEPTED.value, AppealState.REJECTED.value])
    decision = serializers.CharField(max_length=1000)
    corrections = CorrectionInput(many=True, required=False, default=list)


class AppealQuery(PageQuery):
    """Which objections to list."""

    state = EnumField(AppealState, required=False)
