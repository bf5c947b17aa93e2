"""The form of what kpis' endpoints take and give. Answers are built from types; these describe and tests hold
them to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.lib.api.money import DecimalString
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from kpis.engine.plan_rules import PlanSeverity
from kpis.types import Basis, Direction, LineRole, Unit

_NUMBER = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "description": "An exact number as text."}
_MONEY = {
    "type": "object",
    "properties": {"amount": _NUMBER, "currency": {"type": "string"}},
    "required": ["amount", "currency"],
}
_BAND = {
    "type": "object",
    "properties": {
        "low": {**_NUMBER, "type": ["string", "null"]},
        "high": {**_NUMBER, "type": ["string", "null"]},
    },
    "required": ["low", "high"],
}


@extend_schema_field({"oneOf": [_NUMBER, _MONEY, {"type": "null"}]})
class ValueField(serializers.JSONField):
    """A KPI's number: money as {"amount", "currency"}, anything else as text, null where there is none."""


@extend_schema_field({"oneOf": [_NUMBER, _BAND, {"type": "null"}]})
class GoalField(serializers.JSONField):
    """A target or warn value: a number as text, a band {"low", "high"} where the KPI has a range, or null."""


def decimal_field(**kwargs: Any) -> DecimalString:
    """An exact number as text."""
    return DecimalString(max_decimals=10, **kwargs)


class KPIMeasureSerializer(serializers.Serializer[Any]):
    """A summable number that a KPI reads."""

    key = serializers.CharField()
    meaning = serializers.CharField()
    basis = EnumField(Basis)


class MinimumSampleSerializer(serializers.Serializer[Any]):
    """Below `least` of `of` a number is not judged."""

    of = serializers.CharField()
    least = serializers.IntegerField()


class KPISerializer(serializers.Serializer[Any]):
    """The definition of a KPI."""

    key = serializers.CharField()
    name = serializers.CharField(help_text="In the language of Accept-Language.")
    family = serializers.CharField()
    kind = serializers.CharField(allow_null=True)
    formula = serializers.CharField(allow_null=True)
    unit = EnumField(Unit)
    direction = EnumField(Direction)
    basis = EnumField(Basis, allow_null=True)
    settles_after_days = serializers.IntegerField(allow_null=True)
    needs = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Streams; of each inner list one has to deliver.",
    )
    measures = KPIMeasureSerializer(many=True)
    minimum_sample = MinimumSampleSerializer(allow_null=True)
    needs_costs = serializers.BooleanField(help_text="No value under 95 % cost completeness.")
    is_hard_gate = serializers.BooleanField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    is_available = serializers.BooleanField()
    why_unavailable = serializers.CharField(allow_null=True)


class KPIListSerializer(serializers.Serializer[Any]):
    """Every KPI."""

    data = KPISerializer(many=True)  # type: ignore[assignment]


class TemplateLineSerializer(serializers.Serializer[Any]):
    """One KPI of a template."""

    kpi = serializers.CharField()
    name = serializers.CharField()
    role = EnumField(LineRole)
    weight = decimal_field()
    target = GoalField()
    warn = GoalField()
    source = serializers.CharField()  # type: ignore[assignment]
    is_available = serializers.BooleanField()
    why_unavailable = serializers.CharField(allow_null=True)


class TemplateSerializer(serializers.Serializer[Any]):
    """A scorecard template."""

    key = serializers.CharField()
    version = serializers.IntegerField()
    market = serializers.CharField()
    model = serializers.CharField()
    stage = serializers.CharField()
    title = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    kpis = TemplateLineSerializer(many=True)


class TemplateListSerializer(serializers.Serializer[Any]):
    """Every template."""

    data = TemplateSerializer(many=True)  # type: ignore[assignment]


class TemplateInput(serializers.Serializer[Any]):
    """Which template to follow from when, and who answers for its numbers."""

    template = serializers.CharField(max_length=64)
    effective_on = DayField(required=False, help_text="Shop day; today when left out.")
    owner = serializers.CharField(
        max_length=150,
        default="",
        allow_blank=True,
        help_text="Of every line; left out, each keeps its owner, or gets the position of its KPI.",
    )
    override_reason = serializers.CharField(
        max_length=300,
        default="",
        allow_blank=True,
        help_text="Required where it changes lines within a quarter, or sets what the resources rule out.",
    )


class PlanSerializer(serializers.Serializer[Any]):
    """A template in use."""

    store = serializers.IntegerField()
    template = serializers.CharField()
    template_version = serializers.IntegerField()
    effective_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()


class TargetInput(serializers.Serializer[Any]):
    """A new target. `target` and `warn`, or for a KPI with a range the low and high bounds."""

    role = EnumField(LineRole)
    weight = DecimalString(
        max_decimals=2, minimum=Decimal(0), maximum=Decimal(100), default=Decimal(0), help_text="Of 100."
    )
    target = DecimalString(max_decimals=8, required=False, allow_null=True)
    warn = DecimalString(max_decimals=8, required=False, allow_null=True)
    target_low = DecimalString(max_decimals=8, required=False, allow_null=True)
    target_high = DecimalString(max_decimals=8, required=False, allow_null=True)
    warn_low = DecimalString(max_decimals=8, required=False, allow_null=True)
    warn_high = DecimalString(max_decimals=8, required=False, allow_null=True)
    effective_on = DayField()
    deadline = DayField(required=False, allow_null=True)
    owner = serializers.CharField(max_length=150, allow_blank=True, default="")
    source = serializers.CharField(max_length=300, allow_blank=True, default="")  # type: ignore[assignment]
    override_reason = serializers.CharField(
        max_length=300,
        allow_blank=True,
        default="",
        help_text="Why it may change within a quarter, or be set although the resources rule it out.",
    )


class PlanProblemSerializer(serializers.Serializer[Any]):
    """One thing wrong with a plan; `pointer` says where in the body, `kpi` null means the whole plan."""

    severity = EnumField(PlanSeverity)
    code = serializers.CharField()
    kpi = serializers.CharField(allow_null=True)
    pointer = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    remedy = serializers.CharField()


class TargetSerializer(serializers.Serializer[Any]):
    """A target of a store's KPI."""

    store = serializers.IntegerField()
    kpi = serializers.CharField()
    role = EnumField(LineRole)
    weight = decimal_field()
    direction = EnumField(Direction)
    target = GoalField()
    warn = GoalField()
    effective_on = serializers.DateField()
    deadline = serializers.DateField(allow_null=True)
    owner = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    version = serializers.IntegerField(help_text="Rises with every change; the ETag is made of it.")
    recorded_at = serializers.DateTimeField()
    warnings = PlanProblemSerializer(
        many=True, required=False, help_text="After a change: what a person should know of it."
    )


class TargetListSerializer(serializers.Serializer[Any]):
    """The targets of a store in force on a day."""

    on = serializers.DateField()
    plan = PlanSerializer(allow_null=True)
    weight_total = decimal_field(help_text="Ought to be 100.")
    data = TargetSerializer(many=True)  # type: ignore[assignment]
