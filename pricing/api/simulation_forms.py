"""The form of what listings cost and keep, and of what-if, as endpoints take and give it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from pricing.api.boundary import boundary_field
from pricing.services.policies import PLANNABLE
from pricing.types import Confidence, Tier, Truth

MOST_SKUS, MOST_PRICES = 20, 200
_ZERO, _ONE = Decimal(0), Decimal(1)
LINES = (*PLANNABLE, "fx_buffer", "closing", "placement", "withholding_isr")


class ContributionQuery(QuerySerializer):
    """At which price, on which day."""

    price = DecimalString(
        required=False, minimum=_ZERO, help_text="In the store's currency; the present price unless told."
    )
    on = DayField(required=False, help_text="Shop day whose costs and fees count; today if left out.")


class ListingsQuery(PageQuery):
    """Which listings to show."""

    sku = serializers.CharField(required=False, max_length=100)
    status = serializers.CharField(
        required=False, max_length=24, help_text="As the platform has it; active unless told."
    )


class PriceLineSerializer(serializers.Serializer[Any]):
    """One line with where it comes from. Without an amount nobody knows it; it is in no sum then."""

    name = serializers.CharField()
    amount = MoneyField(allow_null=True, help_text="Per unit at this price.")
    rate = DecimalString(max_decimals=12, allow_null=True, help_text="Its share, where it is one.")
    truth = EnumField(Truth)
    reference = serializers.CharField(allow_blank=True)
    as_of = serializers.DateField(allow_null=True)
    confidence = EnumField(Confidence, allow_null=True)
    note = serializers.CharField(allow_blank=True)


class IntervalSerializer(serializers.Serializer[Any]):
    """A run of prices that keep a margin, both ends included."""

    first = MoneyField()
    last = MoneyField()


class PriceRootSerializer(serializers.Serializer[Any]):
    """The prices that keep a margin. `minimum` is the lowest; from `safe` on every higher one does too."""

    margin = DecimalString(max_decimals=12)
    minimum = MoneyField(allow_null=True)
    safe = MoneyField(allow_null=True)
    intervals = IntervalSerializer(many=True)


class DeadZoneSerializer(serializers.Serializer[Any]):
    """Do not price strictly between the two: less is left there than at the lower one."""

    fee = serializers.CharField()
    after = MoneyField()
    until = MoneyField(allow_null=True)
    contribution = MoneyField(help_text="What is left at the lower one.")


class CostShareSerializer(serializers.Serializer[Any]):
    """What a line takes of net revenue at the highest price of the search."""

    name = serializers.CharField()
    amount = MoneyField()
    share = DecimalString(max_decimals=12, allow_null=True)


class AtPriceSerializer(serializers.Serializer[Any]):
    """What is left at a price. The margin is of the net revenue that is kept."""

    price = MoneyField()
    net_revenue = MoneyField()
    contribution = MoneyField()
    margin = DecimalString(max_decimals=12, allow_null=True)


class BundleComponentSerializer(serializers.Serializer[Any]):
    """A part of a bundle by itself."""

    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    price = MoneyField(allow_null=True)
    contribution = MoneyField(allow_null=True, help_text="What one of it leaves when bought by itself.")


class BundleSerializer(serializers.Serializer[Any]):
    """What a bundle stands against (cannibalisation): a buyer who would have bought the parts anyway."""

    components = BundleComponentSerializer(many=True)
    parts_price = MoneyField(allow_null=True)
    parts_contribution = MoneyField(allow_null=True)
    loss_per_buyer = MoneyField(
        allow_null=True, help_text="Lost on such a buyer; negative: the bundle leaves more."
    )
    note = serializers.CharField()


class PriceViewSerializer(serializers.Serializer[Any]):
    """What a listing keeps at a price on a day, line by line, and where its floors are."""

    sku = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    on = serializers.DateField()
    currency = serializers.CharField()
    at = AtPriceSerializer(allow_null=True)
    lines = PriceLineSerializer(many=True)
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Lines without which no price is suggested."
    )
    floor_margin = DecimalString(max_decimals=12)
    target_margin = DecimalString(max_decimals=12)
    break_even = PriceRootSerializer()
    floor = PriceRootSerializer()
    target = PriceRootSerializer()
    dead_zones = DeadZoneSerializer(many=True)
    shares = CostShareSerializer(
        many=True, allow_null=True, help_text="Where floor or target are out of reach: what takes how much."
    )
    bundle = BundleSerializer(allow_null=True)


class ContributionSerializer(PriceViewSerializer):
    """The same with the boundary."""

    boundary = boundary_field()


class BlockerSerializer(serializers.Serializer[Any]):
    """Why no price would be suggested now."""

    code = serializers.CharField()
    text = serializers.CharField()


class ListingSerializer(serializers.Serializer[Any]):
    """A listing with its price, its floors and what keeps it from a suggestion."""

    sku = serializers.CharField()
    product_id = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    tier = EnumField(Tier)
    price = MoneyField(allow_null=True)
    floor = MoneyField(allow_null=True)
    target = MoneyField(allow_null=True)
    contribution = MoneyField(allow_null=True)
    margin = DecimalString(max_decimals=12, allow_null=True)
    blocked_by = BlockerSerializer(many=True)
    boundary = boundary_field()


class SweepForm(serializers.Serializer[Any]):
    """Prices from one to another, a step apart; at most 200."""

    first = MoneyField(minor_units=True)
    last = MoneyField(minor_units=True)
    step = MoneyField(minor_units=True)


class ChangesForm(serializers.Serializer[Any]):
    """What is to be supposed; what is left out stays as it is."""

    amounts = serializers.DictField(
        child=MoneyField(), required=False, default=dict, help_text=f"Per unit by line: {', '.join(LINES)}."
    )
    rates = serializers.DictField(
        child=DecimalString(max_decimals=6, minimum=_ZERO, maximum=_ONE),
        required=False,
        default=dict,
        help_text="Shares by line: of the price, of net revenue for advertising, of units for returns.",
    )
    fx = serializers.DictField(
        child=DecimalString(max_decimals=10, minimum=Decimal("0.0000000001")),
        required=False,
        default=dict,
        help_text='The store\'s money for one unit of another currency: {"CNY": "0.145"}.',
    )
    tax_rate = DecimalString(
        max_decimals=6, minimum=_ZERO, maximum=_ONE, required=False, allow_null=True, default=None
    )
    target_margin = DecimalString(
        max_decimals=6, minimum=-_ONE, maximum=_ONE, required=False, allow_null=True, default=None
    )
    floor_margin = DecimalString(
        max_decimals=6, minimum=-_ONE, maximum=_ONE, required=False, allow_null=True, default=None
    )


class SimulationForm(serializers.Serializer[Any]):
    """A what-if for up to twenty listings, at up to two hundred prices."""

    skus = serializers.ListField(
        child=serializers.CharField(max_length=100), allow_empty=False, max_length=MOST_SKUS
    )
    changes = ChangesForm(required=False)
    prices = serializers.ListField(
        child=MoneyField(minor_units=True), required=False, default=list, max_length=MOST_PRICES
    )
    sweep = SweepForm(required=False, allow_null=True, default=None)
    on = DayField(required=False, allow_null=True, default=None)


class PairSerializer(serializers.Serializer[Any]):
    """A price as it is and as it would be."""

    base = AtPriceSerializer()
    changed = AtPriceSerializer()
    difference = MoneyField(help_text="Contribution: changed less base.")


class SimulatedSerializer(serializers.Serializer[Any]):
    """One listing as it is and as it would be."""

    sku = serializers.CharField()
    base = PriceViewSerializer()
    changed = PriceViewSerializer()
    at = PairSerializer(many=True)


class SimulationSerializer(serializers.Serializer[Any]):
    """What would be; nothing was written."""

    data = SimulatedSerializer(many=True)  # type: ignore[assignment]
    boundary = boundary_field()
