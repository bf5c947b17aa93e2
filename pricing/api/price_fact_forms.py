"""The form of what the endpoints of price facts, effective prices and price evidence take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField, InstantField
from pricing.api.boundary import boundary_field
from pricing.api.lock_forms import id_field
from pricing.engine.price_history import PriceKind

ZERO, ONE = Decimal(0), Decimal(1)


def share_field(**kwargs: Any) -> DecimalString:
    """A fraction from 0 to 1."""
    return DecimalString(max_decimals=6, minimum=ZERO, maximum=ONE, **kwargs)


class PriceFactInput(serializers.Serializer[Any]):
    """A price of its own kind, from a moment until another."""

    store_id = id_field()
    sku = serializers.CharField(max_length=100)
    kind = EnumField(PriceKind)
    from_at = InstantField()
    until_at = InstantField(required=False, allow_null=True, default=None)
    amount = MoneyField(
        minor_units=True,
        minimum=ZERO,
        required=False,
        allow_null=True,
        default=None,
        help_text="A price, or money off (coupon) or back (points).",
    )
    share = share_field(
        required=False, allow_null=True, default=None, help_text="Of the price: coupons and points."
    )
    quantity = serializers.IntegerField(
        min_value=1, max_value=1000, required=False, default=1, help_text="Units of a bundle."
    )
    fee_amount = MoneyField(
        minor_units=True,
        minimum=ZERO,
        required=False,
        allow_null=True,
        default=None,
        help_text="What the platform takes per coupon used.",
    )
    fee_share = share_field(
        required=False, allow_null=True, default=None, help_text="The same as a share of what is paid."
    )
    use_share = share_field(
        required=False, allow_null=True, default=None, help_text="How many buyers use the coupon."
    )
    source = serializers.CharField(max_length=200)  # type: ignore[assignment]


class PriceFactSerializer(serializers.Serializer[Any]):
    """A price fact as it was stated."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    kind = EnumField(PriceKind)
    from_at = serializers.DateTimeField()
    until_at = serializers.DateTimeField(allow_null=True)
    amount = MoneyField(allow_null=True)
    share = serializers.CharField(allow_null=True)
    quantity = serializers.IntegerField()
    fee_amount = MoneyField(allow_null=True)
    fee_share = serializers.CharField(allow_null=True)
    use_share = serializers.CharField(allow_null=True)
    promotion_id = serializers.IntegerField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    stated_at = serializers.DateTimeField()
    stated_by = serializers.CharField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawn_by = serializers.CharField(allow_blank=True)
    boundary = boundary_field()


class PriceFactQuery(PageQuery):
    """Which price facts to list."""

    store = id_field(required=False)
    sku = serializers.CharField(required=False, max_length=100)
    kind = EnumField(PriceKind, required=False)
    at = InstantField(required=False, help_text="Only those in force then.")
    withdrawn = serializers.BooleanField(required=False, help_text="True: those withdrawn as well.")


class EffectivePriceQuery(QuerySerializer):
    """When."""

    at = InstantField(required=False, help_text="Now unless told.")


class EffectivePriceSerializer(serializers.Serializer[Any]):
    """What stands on the page, what is paid, what it comes to, and what stays with the seller."""

    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    at = serializers.DateTimeField()
    is_known = serializers.BooleanField(help_text="False: no price is known, and every amount is null.")
    base = MoneyField(allow_null=True)
    shown = MoneyField(allow_null=True)
    shown_kind = serializers.CharField(allow_null=True)
    coupon_off = MoneyField(allow_null=True)
    coupon_fee = MoneyField(allow_null=True)
    paid = MoneyField(allow_null=True, help_text="By a buyer who uses the coupon.")
    points = MoneyField(allow_null=True)
    effective = MoneyField(allow_null=True, help_text="What is paid less the points.")
    seller_keeps = MoneyField(
        allow_null=True, help_text="What is paid less points and the coupon's fee, before other fees."
    )
    average_paid = MoneyField(allow_null=True, help_text="Weighed with how many buyers use the coupon.")
    average_kept = MoneyField(allow_null=True)
    bundle_unit = MoneyField(allow_null=True, help_text="The cheapest unit in a bundle.")
    used = serializers.ListField(child=serializers.IntegerField(), help_text="The facts that had a part.")
    boundary = boundary_field()


class EvidenceQuery(QuerySerializer):
    """Which former price, shown on which day."""

    reference_price = DecimalString(minimum=Decimal("0.0001"), help_text="In the store's currency.")
    on = DayField(required=False, help_text="The shop day on which it is to be shown; today unless told.")


class EvidenceReasonSerializer(serializers.Serializer[Any]):
    """What is lacking."""

    code = serializers.CharField()
    text = serializers.CharField()
    values = serializers.DictField(child=serializers.CharField())


class PriceEvidenceSerializer(serializers.Serializer[Any]):
    """Whether a former price may be shown, and every day that was counted."""

    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    market = serializers.CharField()
    reference_price = MoneyField()
    on = serializers.DateField()
    may_show = serializers.BooleanField()
    first = serializers.DateField(help_text="The first day of the window.")
    last = serializers.DateField()
    days_counted = serializers.IntegerField()
    days_on_sale = serializers.IntegerField(help_text="Days of the window of which a price is on record.")
    days_since = serializers.IntegerField(allow_null=True)
    counted = serializers.ListField(child=serializers.DateField())
    sold = serializers.ListField(child=serializers.DateField())
    law = serializers.CharField()
    confidence = serializers.CharField(help_text="How well the limits are known: A official … M memory.")
    reading = serializers.CharField(allow_blank=True)
    reasons = EvidenceReasonSerializer(many=True)
    sha256 = serializers.CharField(help_text="Of the canonical JSON of all other members but `boundary`.")
    boundary = boundary_field()
