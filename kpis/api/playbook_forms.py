"""The form of what the endpoints of playbooks and fallback plans take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString
from config.lib.api.query import PageQuery
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from kpis.engine.action_states import Department, EffectDirection, TriggerState


def size_field(**kwargs: Any) -> DecimalString:
    """How much a KPI is to move: a fraction of its level, or points of a ratio, above zero."""
    return DecimalString(
        max_decimals=6,
        max_whole=6,
        minimum=Decimal("0.000001"),
        allow_null=True,
        help_text="Fraction of the level, or points of a ratio (0.01 is a percentage point).",
        **kwargs,
    )


class SuccessSerializer(serializers.Serializer[Any]):
    """What became of the actions that followed a playbook; the rate has Wilson's 95 % interval."""

    actions = serializers.IntegerField()
    worked = serializers.IntegerField()
    no_effect = serializers.IntegerField()
    unclear = serializers.IntegerField()
    rate = serializers.CharField(allow_null=True, help_text="worked ÷ (worked + no effect).")
    low = serializers.CharField(allow_null=True)
    high = serializers.CharField(allow_null=True)


class PlaybookInput(serializers.Serializer[Any]):
    """A way to act on a KPI."""

    kpi = serializers.CharField(max_length=48)
    title = serializers.CharField(max_length=200)
    steps = serializers.CharField(max_length=10_000)
    department = EnumField(Department)
    direction = EnumField(EffectDirection)
    expected_size = size_field(required=False, default=None)


class PlaybookChange(serializers.Serializer[Any]):
    """What may change of a playbook; what is left out stays."""

    title = serializers.CharField(max_length=200, required=False)
    steps = serializers.CharField(max_length=10_000, required=False)
    department = EnumField(Department, required=False)
    expected_size = size_field(required=False)
    is_archived = serializers.BooleanField(required=False)


class PlaybookSerializer(serializers.Serializer[Any]):
    """A way to act with its success so far."""

    id = serializers.IntegerField()
    kpi = serializers.CharField()
    title = serializers.CharField()
    steps = serializers.CharField()
    department = EnumField(Department)
    direction = EnumField(EffectDirection)
    expected_size = DecimalString(max_decimals=6, allow_null=True)
    is_archived = serializers.BooleanField()
    version = serializers.IntegerField()
    updated_at = serializers.DateTimeField()
    updated_by = serializers.CharField()
    success = SuccessSerializer()


class PlaybookQuery(PageQuery):
    """Which playbooks to list."""

    kpi = serializers.CharField(required=False, max_length=48)


class PlanInput(serializers.Serializer[Any]):
    """When to ask whom to follow which playbook."""

    store_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    kpi = serializers.CharField(max_length=48)
    kind = serializers.ChoiceField(choices=["week", "month"])
    periods = serializers.IntegerField(min_value=1, max_value=26, help_text="Bad periods in a row.")
    playbook_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    approver = serializers.CharField(max_length=150)
    owner = serializers.CharField(max_length=150, help_text="Who is to act once it is approved.")


class PlanChange(serializers.Serializer[Any]):
    """What may change of a plan; what is left out stays."""

    periods = serializers.IntegerField(min_value=1, max_value=26, required=False)
    approver = serializers.CharField(max_length=150, required=False)
    owner = serializers.CharField(max_length=150, required=False)
    is_armed = serializers.BooleanField(required=False)


class FallbackPlanSerializer(serializers.Serializer[Any]):
    """A plan that waits for a KPI to stay bad."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    kpi = serializers.CharField()
    kind = serializers.CharField()
    periods = serializers.IntegerField()
    playbook_id = serializers.IntegerField()
    approver = serializers.CharField()
    owner = serializers.CharField()
    is_armed = serializers.BooleanField()
    version = serializers.IntegerField()
    updated_at = serializers.DateTimeField()
    updated_by = serializers.CharField()


class PlanQuery(PageQuery):
    """Which plans to list."""

    store = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class FallbackTriggerSerializer(serializers.Serializer[Any]):
    """A plan whose condition was met by a run of bad periods."""

    id = serializers.IntegerField()
    plan_id = serializers.IntegerField()
    first_period = serializers.CharField()
    last_period = serializers.CharField()
    values = serializers.JSONField(help_text="Each period of the run with its value.")
    state = EnumField(TriggerState)
    version = serializers.IntegerField()
    reason = serializers.CharField(allow_blank=True)
    action_id = serializers.IntegerField(allow_null=True)
    triggered_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_blank=True)


class TriggerDecision(serializers.Serializer[Any]):
    """Yes with a day by which the action is due, or no with a reason."""

    state = serializers.ChoiceField(choices=[TriggerState.APPROVED.value, TriggerState.REJECTED.value])
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    due_on = DayField(required=False, allow_null=True, default=None)


class TriggerQuery(PageQuery):
    """Which triggered plans to list."""

    state = EnumField(TriggerState, required=False)
