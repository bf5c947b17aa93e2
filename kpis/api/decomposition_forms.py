"""The form of what decompositions, breakdowns and fact rows take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from kpis.api.queries import stores_field
from kpis.api.serializers import ValueField
from kpis.engine.outlook import TrendConfidence
from kpis.types import Unit

_PERIOD = "A day, week, month or window: 2026-11-21, 2026-W47, 2026-11 or 2026-11-21~28d."


def _number(**kwargs: Any) -> DecimalString:
    return DecimalString(max_decimals=10, allow_null=True, **kwargs)


class PeriodQuery(QuerySerializer):
    """Which period of which stores."""

    period = serializers.CharField(max_length=16, help_text=_PERIOD)
    store = stores_field()


class ComparisonQuery(PeriodQuery):
    """Which two periods of which stores to compare."""

    compare = serializers.CharField(
        max_length=16, required=False, help_text="The period to compare with; the one before when left out."
    )


class RateMixQuery(ComparisonQuery):
    """Which ratio to split, and into what parts."""

    kpi = serializers.SlugField(max_length=80, help_text="A KPI that is a ratio, such as conversion_rate.")
    by = serializers.ChoiceField(("store", "sku"), required=False, help_text="The parts; stores unless told.")


class BreakdownQuery(PeriodQuery):
    """Which parts of a KPI to show."""

    by = serializers.ChoiceField(
        ("store", "day", "sku"), required=False, help_text="The parts; stores unless told."
    )


class TrendPackQuery(QuerySerializer):
    """Which history to look at, how far to look on, and what a decision might change."""

    grain = serializers.ChoiceField(("week", "month"), required=False, help_text="A week unless told.")
    periods = serializers.IntegerField(
        min_value=6, max_value=104, required=False, help_text="Length of the history; 26 unless told."
    )
    horizon = serializers.IntegerField(
        min_value=1, max_value=26, required=False, help_text="Periods to look on; 8 unless told."
    )
    shift = serializers.ListField(
        child=serializers.DecimalField(max_digits=6, decimal_places=4, min_value=-1, max_value=10),
        required=False,
        max_length=6,
        help_text="Changes of the level to compare, repeated or separated by commas: 0.1 is +10 %.",
    )
    store = stores_field()


class RowsQuery(PageQuery):
    """Which rows behind a KPI to list."""

    period = serializers.CharField(max_length=16, help_text=_PERIOD)
    store = stores_field()
    sku = serializers.CharField(max_length=100, required=False, help_text="Rows of this SKU only.")

    def get_fields(self) -> dict[str, Any]:
        """Add `source`, which cannot be declared: a field has a `source` of its own."""
        source = serializers.SlugField(
            max_length=40,
            required=False,
            help_text="One of the KPI's sources; unless told the one with most of its measures.",
        )
        return {**super().get_fields(), "source": source}


class ComparedSpanSerializer(serializers.Serializer[Any]):
    """A period that is compared: its days, both included."""

    id = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField()


class DecomposedResultSerializer(serializers.Serializer[Any]):
    """The figure that moved."""

    key = serializers.CharField()
    before = _number()
    after = _number()
    change = _number()
    money_before = _number(required=False)
    money_after = _number(required=False)


class BranchSerializer(serializers.Serializer[Any]):
    """One branch of the tree and what it did to the result."""

    key = serializers.CharField()
    before = _number(help_text="Its value in the compared period.")
    after = _number()
    contribution = _number(help_text="What it did to the result; all contributions add up to the change.")
    points = _number(help_text="The same as a share of net sales (0.01 is one percentage point).")
    share = _number(help_text="Its part of the change; parts may offset each other.")


class CostLineBranchSerializer(BranchSerializer):
    """A line of the cost sheets."""

    of = serializers.CharField(help_text="The branch it is a part of.")


class PartOfChangeSerializer(BranchSerializer):
    """A store or SKU and what it did to the result."""

    store = serializers.IntegerField(allow_null=True)
    sku = serializers.CharField(allow_null=True, help_text="Null: of no single SKU.")
    name = serializers.CharField(allow_blank=True)
    branches = serializers.DictField(child=_number(), required=False)
    presence = serializers.CharField(required=False, help_text="kept, new or lost.")
    rate = _number(required=False)
    mix = _number(required=False)


class SubtotalSerializer(serializers.Serializer[Any]):
    """A margin of the waterfall in money and as a share of net sales."""

    key = serializers.CharField()
    before = _number()
    after = _number()
    before_share = _number()
    after_share = _number()


class SumCheckSerializer(serializers.Serializer[Any]):
    """The change, and what the contributions add up to."""

    change = _number()
    sum = _number()
    points = _number(required=False)


class SideQualitySerializer(serializers.Serializer[Any]):
    """How far one side may be trusted."""

    coverage = DecimalString(max_decimals=10)
    is_complete = serializers.BooleanField()
    is_final = serializers.BooleanField()
    data_as_of = serializers.DateTimeField(allow_null=True)


class ComparisonQualitySerializer(serializers.Serializer[Any]):
    """How far both sides may be trusted."""

    period = SideQualitySerializer()
    compare = SideQualitySerializer()
    cost_completeness = _number(help_text="Share of units with a known cost, of the worse side.")
    estimated_share = _number(help_text="Share of units whose fees are estimates yet, of the worse side.")


class ACoSLimitsSerializer(serializers.Serializer[Any]):
    """What advertising may cost in the period."""

    break_even_acos = _number(help_text="CM2 / net sales: above it every advertised sale loses money.")
    target_cm3 = _number(help_text="The store's target for CM3, where one store has one.")
    target_acos = _number(help_text="Break-even less the target for CM3.")
    max_cost_per_click = _number(help_text="Target (else break-even) ACoS × sales per click.")
    tacos = _number(help_text="Ad spend / net sales.")
    ad_share = _number(help_text="Attributed sales / net sales; TACoS = ACoS × ad share.")


class DecompositionSerializer(serializers.Serializer[Any]):
    """Why a figure moved between two periods."""

    kind = serializers.CharField()
    method = serializers.CharField(help_text="margin_walk, lmdi, shapley, pvm or rate_mix.")
    currency = serializers.CharField()
    is_converted = serializers.BooleanField(help_text="Money was converted day by day at reference rates.")
    stores = serializers.ListField(child=serializers.IntegerField())
    period = ComparedSpanSerializer()
    compare = ComparedSpanSerializer()
    result = DecomposedResultSerializer()
    nodes = BranchSerializer(many=True)
    below = BranchSerializer(
        many=True, required=False, help_text="Between the result and the net margin; no part of the change."
    )
    cost_lines = CostLineBranchSerializer(
        many=True,
        required=False,
        help_text="Unit costs by the lines of their sheets, units returned sellable off.",
    )
    subtotals = SubtotalSerializer(many=True)
    check = SumCheckSerializer()
    top_stores = PartOfChangeSerializer(many=True)
    top_skus = PartOfChangeSerializer(many=True)
    limits = ACoSLimitsSerializer(required=False)
    quality = ComparisonQualitySerializer()


class BreakdownPartSerializer(serializers.Serializer[Any]):
    """One part of a KPI."""

    name = serializers.CharField()
    store = serializers.IntegerField(allow_null=True)
    sku = serializers.CharField(allow_null=True)
    value = ValueField()
    why_missing = serializers.CharField(allow_null=True)
    numerator = serializers.CharField(allow_null=True)
    denominator = serializers.CharField(allow_null=True)
    weight = serializers.CharField(allow_null=True, help_text="What the part weighs in the whole.")


class BreakdownSerializer(serializers.Serializer[Any]):
    """A KPI and its parts."""

    key = serializers.CharField()
    by = serializers.CharField()
    unit = EnumField(Unit)
    currency = serializers.CharField(allow_null=True)
    period = ComparedSpanSerializer()
    stores = serializers.ListField(child=serializers.IntegerField())
    value = ValueField()
    parts = BreakdownPartSerializer(many=True)


class OutlookPointSerializer(serializers.Serializer[Any]):
    """A period of the history."""

    period = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField()
    value = ValueField()
    is_used = serializers.BooleanField(help_text="Fully covered, so part of the trend.")
    is_final = serializers.BooleanField()
    coverage = DecimalString(max_decimals=10)


class OutlookTrendSerializer(serializers.Serializer[Any]):
    """The line through the history (Theil and Sen)."""

    level = _number(help_text="At the last period.")
    slope = _number(help_text="Change per period.")
    slope_low = _number(help_text="Lower end of its 90 % interval.")
    slope_high = _number()
    scatter = _number(help_text="Standard deviation of the periods around the line.")
    is_clear = serializers.BooleanField(help_text="The interval leaves zero out.")
    points = serializers.IntegerField()


class OutlookScenarioSerializer(serializers.Serializer[Any]):
    """What a scenario expects at the end of the horizon, and on average until then."""

    name = serializers.CharField()
    last = ValueField()
    low = ValueField(help_text="Lower end of the 90 % interval of `last`.")
    high = ValueField()
    mean = ValueField()


class TrendPackSerializer(serializers.Serializer[Any]):
    """A KPI's history, trend and scenarios."""

    key = serializers.CharField()
    unit = EnumField(Unit)
    grain = serializers.CharField()
    currency = serializers.CharField(allow_null=True)
    stores = serializers.ListField(child=serializers.IntegerField())
    history = OutlookPointSerializer(many=True)
    trend = OutlookTrendSerializer(allow_null=True, help_text="Null below six complete periods.")
    confidence = EnumField(TrendConfidence)
    horizon = serializers.IntegerField()
    scenarios = OutlookScenarioSerializer(many=True)


class FactRowSerializer(serializers.Serializer[Any]):
    """A row of facts; besides these members those of its table, decimals as text."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
