"""The form of scorecards; answers are built from types, these describe them and tests hold them to it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.schema import EnumField
from kpis.api.serializers import GoalField, ValueField, decimal_field
from kpis.selectors.groups import GroupBy
from kpis.types import Basis, Direction, Grain, LineRole, Position, ProvisionalStatus, Status, Unit


class ChangeSerializer(serializers.Serializer[Any]):
    """A comparison with another period; only between complete periods."""

    kind = serializers.CharField(help_text="dod, wow, mom, qoq, pop (rolling) or yoy.")
    previous = ValueField(help_text="The number of the other period.")
    absolute = ValueField(help_text="Difference in the KPI's own unit (0.01 is a percentage point).")
    relative = decimal_field(allow_null=True, help_text="Relative change as a fraction.")
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


class ExplainedInputSerializer(serializers.Serializer[Any]):
    """What a measure sums and where it comes from."""

    measure = serializers.CharField()
    meaning = serializers.CharField()
    unit = EnumField(Unit)
    basis = EnumField(Basis)
    facts = serializers.CharField(help_text="The table of facts.")
    over_days = serializers.CharField()
    over_stores = serializers.CharField()


class ExplainedStreamSerializer(serializers.Serializer[Any]):
    """How far a stream of a store that feeds the number is known."""

    store = serializers.IntegerField()
    stream = serializers.CharField()
    state = serializers.CharField()
    data_as_of = serializers.DateTimeField(allow_null=True)
    covered_from = serializers.DateField(allow_null=True)
    covered_through = serializers.DateField(allow_null=True)


class ExplainedNumberSerializer(serializers.Serializer[Any]):
    """The parts of one number."""

    formula = serializers.CharField()
    kind = serializers.CharField()
    numerator = decimal_field(allow_null=True)
    denominator = decimal_field(allow_null=True)
    also = serializers.DictField(
        child=decimal_field(allow_null=True), help_text="Secondary figures: a 90th percentile, an interval."
    )
    measures = serializers.DictField(child=decimal_field(allow_null=True))


class ExplanationSerializer(ExplainedNumberSerializer):
    """How a number came about."""

    inputs = ExplainedInputSerializer(many=True)
    streams = ExplainedStreamSerializer(many=True)


class TrendPointSerializer(serializers.Serializer[Any]):
    """The number of one period of the trend."""

    period = serializers.CharField()
    value = ValueField(help_text="Null where a day of it is unknown.")
    is_complete = serializers.BooleanField()


class ScorecardLineSerializer(serializers.Serializer[Any]):
    """One KPI of a scorecard."""

    key = serializers.CharField()
    name = serializers.CharField(help_text="In the language of Accept-Language.")
    family = serializers.CharField()
    unit = EnumField(Unit)
    direction = EnumField(Direction)
    role = EnumField(LineRole, allow_null=True)
    owner = serializers.CharField(allow_null=True, help_text="Who answers for it.")
    acknowledged_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When this version of the target was last taken note of, in all the stores; null: not yet.",
    )
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
    weight = decimal_field(allow_null=True, help_text="Of 100.")
    score = decimal_field(allow_null=True, help_text="0 to 1.2; 1 meets the target.")
    data_as_of = serializers.DateTimeField(allow_null=True, help_text="The instant the platforms speak for.")
    coverage = decimal_field(help_text="Known share of the (store, stream, day)s of the period.")
    is_final = serializers.BooleanField(help_text="Complete, and no longer restated by the platform.")
    final_on = serializers.DateField(allow_null=True, help_text="First day on which it can be final.")
    basis = EnumField(Basis, allow_null=True)
    sources = serializers.ListField(child=serializers.CharField(), help_text="Streams it was made from.")
    sample = decimal_field(allow_null=True, help_text="Size of the sample, where a least one is asked for.")
    cost_completeness = decimal_field(
        allow_null=True, help_text="Share of units whose cost is known; under 0.95 there is no value."
    )
    estimated_share = decimal_field(allow_null=True, help_text="Share of units whose fees are estimates yet.")
    position = EnumField(Position, allow_null=True, help_text="Whose KPI it is unless somebody is assigned.")
    trend = TrendPointSerializer(many=True, required=False, help_text="Oldest first, the period itself last.")
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
    """A period of one or more stores against its targets."""

    period = ScorecardPeriodSerializer()
    stores = ScorecardStoreSerializer(many=True)
    currency = serializers.CharField(help_text="The stores' own if they share one, else the client's.")
    exchange = ExchangeSerializer(many=True, help_text="Empty where nothing was converted.")
    as_known_at = serializers.DateTimeField(allow_null=True)
    generated_at = serializers.DateTimeField()
    score = decimal_field(
        allow_null=True, help_text="0 to 120 over the KPIs with data; 100 meets every target."
    )
    share_with_data = decimal_field(help_text="Share of the weight that `score` rests on.")
    status = EnumField(Status)
    is_gated = serializers.BooleanField(help_text="A hard limit is broken: bad, whatever the score.")
    provisional_score = decimal_field(
        allow_null=True, help_text="0 to 120 over the KPIs with a final or a provisional verdict."
    )
    provisional_share_with_data = decimal_field(
        help_text="Share of the weight that `provisional_score` rests on."
    )
    provisional_status = EnumField(Status, help_text="What `status` would be if all figures stood.")
    kpis = ScorecardLineSerializer(many=True)


class ShortLineSerializer(serializers.Serializer[Any]):
    """What matters of one KPI of a group."""

    key = serializers.CharField()
    name = serializers.CharField()
    unit = EnumField(Unit)
    role = EnumField(LineRole, allow_null=True)
    value = ValueField()
    why_missing = serializers.CharField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    target = GoalField()
    warn = GoalField()
    status = EnumField(Status)
    status_reason = serializers.CharField(allow_null=True)
    provisional_status = EnumField(ProvisionalStatus, allow_null=True)
    change = ChangeSerializer(allow_null=True)
    weight = decimal_field(allow_null=True)
    score = decimal_field(allow_null=True)
    coverage = decimal_field()
    is_final = serializers.BooleanField()


class GroupSerializer(serializers.Serializer[Any]):
    """A store, market, brand or person."""

    key = serializers.CharField(allow_blank=True, help_text="Store or user id, market or brand; empty: none.")
    name = serializers.CharField(allow_blank=True)
    stores = serializers.ListField(child=serializers.IntegerField())
    currency = serializers.CharField()
    score = decimal_field(allow_null=True)
    share_with_data = decimal_field()
    status = EnumField(Status)
    is_gated = serializers.BooleanField()
    provisional_score = decimal_field(allow_null=True)
    provisional_share_with_data = decimal_field()
    provisional_status = EnumField(Status)
    kpis = ShortLineSerializer(many=True)


class ComparedScorecardsSerializer(serializers.Serializer[Any]):
    """Groups beside each other."""

    by = EnumField(GroupBy)
    period = ScorecardPeriodSerializer()
    as_known_at = serializers.DateTimeField(allow_null=True)
    generated_at = serializers.DateTimeField()
    groups = GroupSerializer(many=True)


class PointSerializer(serializers.Serializer[Any]):
    """One point of a series."""

    period = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField()
    value = ValueField()
    why_missing = serializers.CharField(allow_null=True)
    data_as_of = serializers.DateTimeField(allow_null=True)
    coverage = decimal_field()
    is_final = serializers.BooleanField()
    basis = EnumField(Basis)
    sources = serializers.ListField(child=serializers.CharField())
    explain = ExplainedNumberSerializer(required=False)


class SeriesExplanationSerializer(serializers.Serializer[Any]):
    """What a KPI is made of."""

    formula = serializers.CharField()
    inputs = ExplainedInputSerializer(many=True)
    streams = ExplainedStreamSerializer(many=True)


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
    explain = SeriesExplanationSerializer(required=False)


class AlignedChangeSerializer(serializers.Serializer[Any]):
    """A change against equally many days."""

    reference = ValueField(help_text="The number of the other days.")
    absolute = ValueField()
    relative = decimal_field(allow_null=True)
    why_missing = serializers.CharField(allow_null=True)


class BothChangesSerializer(serializers.Serializer[Any]):
    """As the calendar fell, and adjusted for weekdays and events."""

    raw = AlignedChangeSerializer()
    adjusted = AlignedChangeSerializer()


class ComparisonLineSerializer(serializers.Serializer[Any]):
    """One KPI against both references."""

    key = serializers.CharField()
    name = serializers.CharField()
    unit = EnumField(Unit)
    value = ValueField(help_text="Over the days that are over.")
    why_missing = serializers.CharField(allow_null=True)
    previous = BothChangesSerializer()
    year_ago = BothChangesSerializer()
    without_rest_days = ValueField(help_text="For fulfilment: without the days on which warehouses rest.")


class ComparedDaysSerializer(SpanSerializer):
    """The days that were compared of a period."""

    id = serializers.CharField()


class ReferenceSerializer(ComparedDaysSerializer):
    """A period to compare with, and what the adjustment had to do."""

    event_affected = serializers.BooleanField(help_text="Events stand in one of the two periods only.")
    events = serializers.ListField(child=serializers.CharField())
    events_in_one_only = serializers.ListField(child=serializers.CharField())
    matched_days = serializers.IntegerField(help_text="Days with a like, of the store with the fewest.")
    left_out = serializers.ListField(
        child=serializers.DateField(), help_text="Days of the period without a like, at one store at least."
    )


class ComparisonsSerializer(serializers.Serializer[Any]):
    """A period against the one before and the one a year ago."""

    period = ComparedDaysSerializer()
    is_over = serializers.BooleanField()
    previous = ReferenceSerializer()
    year_ago = ReferenceSerializer()
    events = serializers.ListField(child=serializers.CharField())
    currency = serializers.CharField()
    generated_at = serializers.DateTimeField()
    kpis = ComparisonLineSerializer(many=True)
