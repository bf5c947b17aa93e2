"""The form of what the endpoints of lots, costing rules, previews and landed costs take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from connectors.api.forms import CostSheetForm
from connectors.engine.costing import CostMethod
from connectors.types import CostLine
from connectors.values import CostConfidence

MAX_LOTS = 1000
_LINES_HELP = f"Cost of one unit by line: {', '.join(line.value for line in CostLine)}."


class CostLotForm(serializers.Serializer[Any]):
    """Units of a SKU bought together."""

    lot_key = serializers.CharField(max_length=80, help_text="Yours; the same key again corrects the lot.")
    sku = serializers.CharField(max_length=100)
    market = serializers.CharField(max_length=2, required=False, default="", allow_blank=True)
    received_on = DayField()
    quantity = serializers.IntegerField(min_value=1, max_value=10**9)
    lines = serializers.DictField(
        child=MoneyField(minimum=Decimal(0)), allow_empty=False, help_text=_LINES_HELP
    )

    def validate_lines(self, value: dict[str, Any]) -> dict[CostLine, Any]:
        """Only the lines of a cost sheet."""
        return CostSheetForm().validate_lines(value)


class CostLotsForm(serializers.Serializer[Any]):
    """Lots to record; one that is wrong keeps all from being recorded."""

    lots = serializers.ListField(child=CostLotForm(), allow_empty=False, max_length=MAX_LOTS)


class CostLotSerializer(serializers.Serializer[Any]):
    """A lot as it stands."""

    id = serializers.IntegerField()
    lot_key = serializers.CharField()
    sku = serializers.CharField()
    market = serializers.CharField(allow_blank=True)
    received_on = serializers.DateField()
    quantity = serializers.IntegerField()
    lines = serializers.DictField(child=MoneyField(), help_text=_LINES_HELP)
    version = serializers.IntegerField(help_text="Rises with every correction.")
    recorded_at = serializers.DateTimeField()


class CostLotListSerializer(serializers.Serializer[Any]):
    """Lots as they were recorded."""

    data = CostLotSerializer(many=True)  # type: ignore[assignment]


class CostLotQuery(PageQuery):
    """Which lots to list."""

    sku = serializers.CharField(required=False, max_length=100)
    market = serializers.CharField(required=False, max_length=2, allow_blank=True)


class CostingRuleForm(serializers.Serializer[Any]):
    """How units are costed from a day on; empty SKU or market means all of them."""

    sku = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    market = serializers.CharField(max_length=2, required=False, default="", allow_blank=True)
    method = EnumField(CostMethod)
    effective_on = DayField()


class CostingRuleSerializer(serializers.Serializer[Any]):
    """A costing rule; the most specific one counts."""

    sku = serializers.CharField(allow_blank=True)
    market = serializers.CharField(allow_blank=True)
    method = EnumField(CostMethod)
    effective_on = serializers.DateField()
    version = serializers.IntegerField()
    recorded_at = serializers.DateTimeField()


class CostingRuleListSerializer(serializers.Serializer[Any]):
    """Every costing rule; by period where there is none."""

    data = CostingRuleSerializer(many=True)  # type: ignore[assignment]


class CostPreviewForm(serializers.Serializer[Any]):
    """A change to try: sheets, lots, or both."""

    sheets = serializers.ListField(child=CostSheetForm(), required=False, default=list, max_length=MAX_LOTS)
    lots = serializers.ListField(child=CostLotForm(), required=False, default=list, max_length=MAX_LOTS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Something must change."""
        if not attrs["sheets"] and not attrs["lots"]:
            raise serializers.ValidationError({"sheets": "Name a sheet or a lot."}, "required")
        return attrs


class CostImpactSerializer(serializers.Serializer[Any]):
    """What the change does to one store in one currency of its costs."""

    store = serializers.IntegerField()
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    days = serializers.IntegerField(help_text="Shop days whose cost moves; exactly these are computed anew.")
    units = serializers.IntegerField(help_text="Units sold on them.")
    uncosted = serializers.IntegerField(help_text="Of these, units that had no cost.")
    before = MoneyField()
    after = MoneyField()
    delta = MoneyField()


class CostPreviewSerializer(serializers.Serializer[Any]):
    """What a change of costs would do to the cost of the units sold."""

    data = CostImpactSerializer(many=True)  # type: ignore[assignment]


class LandedCostQuery(QuerySerializer):
    """Of which unit to show the full cost."""

    store = serializers.IntegerField(min_value=1)
    sku = serializers.CharField(max_length=100)
    channel = serializers.CharField(
        max_length=12, required=False, help_text="platform (unless told) or merchant."
    )
    on = DayField(required=False, help_text="Shop day; today when left out.")


class LandedLineSerializer(serializers.Serializer[Any]):
    """One line of a landed cost, per unit sold."""

    line = serializers.CharField()
    amount = MoneyField(allow_null=True, help_text="As it was paid; null when it is not known.")
    converted = MoneyField(allow_null=True, help_text="In the store's currency.")
    rate = DecimalString(max_decimals=12, allow_null=True)
    rate_on = serializers.DateField(allow_null=True)
    source = serializers.CharField(help_text="Where the amount comes from.")  # type: ignore[assignment]
    confidence = EnumField(CostConfidence)


class LandedCostSerializer(serializers.Serializer[Any]):
    """Everything one unit costs until it is sold, line by line."""

    store = serializers.IntegerField()
    sku = serializers.CharField()
    market = serializers.CharField()
    channel = serializers.CharField()
    on = serializers.DateField()
    lines = LandedLineSerializer(many=True)
    total = MoneyField(help_text="Of the lines that are known.")
    missing = serializers.ListField(child=serializers.CharField(), help_text="Lines nobody knows.")


class CostScoreQuery(QuerySerializer):
    """Of which store to judge the costs."""

    store = serializers.IntegerField(min_value=1, required=False)


class CostGapSerializer(serializers.Serializer[Any]):
    """What to mend first."""

    sku = serializers.CharField()
    units = serializers.IntegerField()
    sales = MoneyField()
    missing = serializers.ListField(child=serializers.CharField())


class CostScoreSerializer(serializers.Serializer[Any]):
    """How completely a store's costs are known, 0 to 100, weighted by the units sold."""

    store = serializers.IntegerField()
    score = DecimalString(max_decimals=2, allow_null=True)
    units = serializers.IntegerField()
    share_with_cost = DecimalString(max_decimals=6, allow_null=True)
    allows_verdicts = serializers.BooleanField(
        help_text="At least 95 % of the units have a cost; otherwise margins have no value and no colour."
    )
    gaps = CostGapSerializer(many=True)


class CostScoreListSerializer(serializers.Serializer[Any]):
    """One line per store."""

    score = DecimalString(max_decimals=2, allow_null=True, help_text="Of the client, by units.")
    weights = serializers.DictField(
        child=serializers.IntegerField(), help_text="Points per part of the cost."
    )
    data = CostScoreSerializer(many=True)  # type: ignore[assignment]
