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
from kpis.types import Basis, Direction, Grain, LineRole, ProvisionalStatus, Status, Unit

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


def _decimal(**kwargs: Any) -> DecimalString:
    return DecimalString(max_decimals=10, **kwargs)


class ChangeSerializer(serializers.Serializer[Any]):
    """A comparison with another period; only between complete periods."""

    kind = serializers.CharField(help_text="wow, mom or yoy.")
    previous = ValueField(help_text="The number of the other period.")
    absolute = ValueField(help_text="Difference in the KPI's own unit (0.01 is a percentage point).")
    relative = _decimal(allow_null=True, help_text="Relative change as a fraction.")
    is_per_day = serializers.BooleanField(help_text="`relative` compares daily means of unequal periods.")
    why_missing = serializers.CharField(allow_null=True)


class BaselineSerializer(serializers.Serializer[Any]):
    """Where the KPI stood when its first target was set."""

    value = ValueField()
    method = serializers.CharField()
    n = serializers.IntegerField(help_text="Complete weeks it was taken from.")
    window_start = serializers.DateField()
    window_end = serializers.DateField()
    frozen_at = serializers.DateTimeField()


class ExplanationSerializer(serializers.Serializer[Any]):
    """How a number came about."""

    formula = serializers.CharField()
    kind = serializers.CharField()
    numerator = _decimal(allow_null=True)
    denominator = _decimal(allow_null=True)
    measures = serializers.DictField(child=_decimal(allow_null=True))


class ScorecardLineSerializer(serializers.Serializer[Any]):
    """One KPI of a scorecard."""

    key = serializers.CharField()
    name = serializers.CharField(help_text="In the language of Accept-Language.")
    family = serializers.CharField()
    unit = EnumField(Unit)
    direction = EnumField(Direction)
    role = EnumField(LineRole, allow_null=True)
    owner = serializers.CharField(allow_null=True, help_text="Who answers for it.")
    value = ValueField()
    why_missing = serializers.CharField(allow_null=True, help_text="Why there is no value; a stable code.")
    currency = serializers.CharField(allow_null=True)
    target = GoalField()
    warn = GoalField()
    status = EnumField(Status)
    status_reason = serializers.CharField(allow_null=True, help_text="Why there is no verdict.")
    provisional_status = EnumField(
        ProvisionalStatus,
        allow_null=True,
        help_text="What the verdict would be if the figure stood: it is complete, but not final yet.",
    )
    change = ChangeSerializer(allow_null=True, help_text="Against the period before.")
    year_ago = ChangeSerializer(allow_null=True, help_text="Against the same period a year ago.")
    baseline = BaselineSerializer(allow_null=True)
    weight = _decimal(allow_null=True, help_text="Of 100.")
    score = _decimal(allow_null=True, help_text="0 to 1.2; 1 meets the target.")
    data_as_of = serializers.DateTimeField(allow_null=True, help_text="The instant the platforms speak for.")
    coverage = _decimal(help_text="Known share of the (store, stream, day)s of the period.")
    is_final = serializers.BooleanField(help_text="Complete, and no longer restated by the platform.")
    final_on = serializers.DateField(allow_null=True, help_text="First day on which it can be final.")
    basis = EnumField(Basis, allow_null=True)
    sources = serializers.ListField(child=serializers.CharField(), help_text="Streams it was made from.")
    sample = _decimal(allow_null=True, help_text="Size of the sample, where a least one is asked for.")
    cost_completeness = _decimal(
        allow_null=True, help_text="Share of units whose cost is known; under 0.95 there is no value."
    )
    estimated_share = _decimal(allow_null=True, help_text="Share of units whose fees are estimates yet.")
    explain = ExplanationSerializer(required=False)


class SpanSerializer(serializers.Serializer[Any]):
    """Days, both included."""

    start = serializers.DateField()
    end = serializers.DateField()


class ScorecardPeriodSerializer(serializers.Serializer[Any]):
    """The period of a scorecard and those it is compared with, in shop days."""

    id = serializers.CharField()
    kind = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField()
    week_start = serializers.IntegerField()
    previous = SpanSerializer()
    year_ago = SpanSerializer()
    is_over = serializers.BooleanField(help_text="In every store's time zone.")


class ScorecardStoreSerializer(serializers.Serializer[Any]):
    """A store of a scorecard."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    platform = serializers.CharField()
    market = serializers.CharField()
    currency = serializers.CharField()
    time_zone = serializers.CharField()


def _exchange_fields() -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    return {
        "store": serializers.IntegerField(),
        "from": serializers.CharField(),
        "to": serializers.CharField(),
        "source": serializers.CharField(),
        "method": serializers.CharField(),
        "first_rate_on": serializers.DateField(allow_null=True),
        "last_rate_on": serializers.DateField(allow_null=True),
    }


class ExchangeSerializer(serializers.Serializer[Any]):
    """Which rates converted a store's money."""

    def get_fields(self) -> dict[str, Any]:
        """The fields, of which one has the name of a word of Python."""
        return _exchange_fields()


class ScorecardSerializer(serializers.Serializer[Any]):
    """A week or month of one or more stores against its targets."""

    period = ScorecardPeriodSerializer()
    stores = ScorecardStoreSerializer(many=True)
    currency = serializers.CharField(help_text="The stores' own if they share one, else the client's.")
    exchange = ExchangeSerializer(many=True, help_text="Empty where nothing was converted.")
    as_known_at = serializers.DateTimeField(allow_null=True)
    generated_at = serializers.DateTimeField()
    score = _decimal(allow_null=True, help_text="0 to 120 over the KPIs with data; 100 meets every target.")
    share_with_data = _decimal(help_text="Share of the weight that `score` rests on.")
    status = EnumField(Status)
    is_gated = serializers.BooleanField(help_text="A hard limit is broken: bad, whatever the score.")
    provisional_score = _decimal(
        allow_null=True, help_text="0 to 120 over the KPIs with a final or a provisional verdict."
    )
    provisional_share_with_data = _decimal(help_text="Share of the weight that `provisional_score` rests on.")
    provisional_status = EnumField(Status, help_text="What `status` would be if all figures stood.")
    kpis = ScorecardLineSerializer(many=True)


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


class PointSerializer(serializers.Serializer[Any]):
    """One point of a series."""

    period = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField()
    value = ValueField()
    why_missing = serializers.CharField(allow_null=True)
    data_as_of = serializers.DateTimeField(allow_null=True)
    coverage = _decimal()
    is_final = serializers.BooleanField()
    basis = EnumField(Basis)
    sources = serializers.ListField(child=serializers.CharField())


class SeriesSerializer(serializers.Serializer[Any]):
    """A KPI over time."""

    key = serializers.CharField()
    unit = EnumField(Unit)
    basis = EnumField(Basis)
    grain = EnumField(Grain)
    currency = serializers.CharField(allow_null=True)
    is_converted = serializers.BooleanField(help_text="Money was converted to the reporting currency.")
    stores = serializers.ListField(child=serializers.IntegerField())
    points = PointSerializer(many=True)


class TemplateLineSerializer(serializers.Serializer[Any]):
    """One KPI of a template."""

    kpi = serializers.CharField()
    name = serializers.CharField()
    role = EnumField(LineRole)
    weight = _decimal()
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
    owner = serializers.CharField(max_length=150, default="account_manager")


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


class TargetSerializer(serializers.Serializer[Any]):
    """A target of a store's KPI."""

    store = serializers.IntegerField()
    kpi = serializers.CharField()
    role = EnumField(LineRole)
    weight = _decimal()
    direction = EnumField(Direction)
    target = GoalField()
    warn = GoalField()
    effective_on = serializers.DateField()
    deadline = serializers.DateField(allow_null=True)
    owner = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    version = serializers.IntegerField(help_text="Rises with every change; the ETag is made of it.")
    recorded_at = serializers.DateTimeField()


class TargetListSerializer(serializers.Serializer[Any]):
    """The targets of a store in force on a day."""

    on = serializers.DateField()
    plan = PlanSerializer(allow_null=True)
    weight_total = _decimal(help_text="Ought to be 100.")
    data = TargetSerializer(many=True)  # type: ignore[assignment]
