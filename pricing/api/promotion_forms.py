"""The form of what the endpoints of promotions take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import ClockTimeField, DayField
from pricing.api.boundary import boundary_field
from pricing.api.lock_forms import id_field
from pricing.api.price_fact_forms import share_field
from pricing.engine.price_history import PriceKind
from pricing.engine.promotions import MOST_RESTORE_HOURS, PromotionState

ZERO = Decimal(0)
_KINDS = [PriceKind.PROMOTION.value, PriceKind.DEAL.value]


def _price(**kwargs: Any) -> MoneyField:
    return MoneyField(minor_units=True, minimum=Decimal("0.0001"), **kwargs)


def _money(**kwargs: Any) -> MoneyField:
    optional = {"required": False, "allow_null": True, "default": None}
    return MoneyField(minor_units=True, minimum=ZERO, **optional, **kwargs)


def _share(**kwargs: Any) -> DecimalString:
    return share_field(required=False, allow_null=True, default=None, **kwargs)


class PromotionItemInput(serializers.Serializer[Any]):
    """A listing, its price while it runs and afterwards."""

    sku = serializers.CharField(max_length=100)
    promo_price = _price()
    restore_price = _price(
        required=False, allow_null=True, default=None, help_text="Null: the present price comes back."
    )


class PromotionInput(serializers.Serializer[Any]):
    """A promotion as it is planned; days and times are those of the market's clocks."""

    store_id = id_field()
    name = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=_KINDS, required=False, default=PriceKind.PROMOTION.value)
    starts_on = DayField()
    starts_time = ClockTimeField(required=False, help_text="Midnight unless told.")
    ends_on = DayField(help_text="The day of the end.")
    ends_time = ClockTimeField(help_text="It runs until just before this time.")
    items = PromotionItemInput(many=True, min_length=1, max_length=500)  # type: ignore[call-arg]
    shows_reference = serializers.BooleanField(
        required=False, default=True, help_text="Is the former price shown beside the lower one?"
    )
    coupon_amount = _money()
    coupon_share = _share(help_text="Of the promotion's price.")
    coupon_fee_amount = _money(help_text="What the platform takes per coupon used.")
    coupon_fee_share = _share(help_text="The same as a share of what is paid.")
    points_share = _share(help_text="Points given, as a share of what is paid.")
    ad_uplift_share = _share(help_text="Additional advertising as a share of net revenue.")
    expected_uplift = DecimalString(
        max_decimals=4,
        minimum=ZERO,
        required=False,
        allow_null=True,
        default=None,
        help_text='Additional units as a share: "0.5" is half more.',
    )
    budget = _money(help_text="What it may give away in all.")
    restore_hours = serializers.IntegerField(
        min_value=1, max_value=MOST_RESTORE_HOURS, required=False, default=MOST_RESTORE_HOURS
    )
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class PromotionCheckSerializer(serializers.Serializer[Any]):
    """What speaks against a plan; one that blocks keeps it from being planned."""

    code = serializers.CharField()
    blocks = serializers.BooleanField()
    text = serializers.CharField()
    reference = serializers.CharField()
    values = serializers.DictField(child=serializers.CharField(allow_blank=True))


class PromotionVerdictSerializer(serializers.Serializer[Any]):
    """Whether a promotion may be planned like this."""

    may_plan = serializers.BooleanField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    checks = PromotionCheckSerializer(many=True)
    boundary = boundary_field()


class PromotionItemSerializer(serializers.Serializer[Any]):
    """A listing of a promotion, and whether its price was seen back."""

    id = serializers.IntegerField()
    sku = serializers.CharField()
    promo_price = MoneyField()
    pre_price = MoneyField(help_text="The price when it was planned.")
    restore_price = MoneyField()
    is_restored = serializers.BooleanField(allow_null=True, help_text="Null: no observed price tells yet.")
    restored_at = serializers.DateTimeField(allow_null=True)
    observed_price = MoneyField(allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    alarmed_at = serializers.DateTimeField(allow_null=True)
    recommendation_id = serializers.IntegerField(
        allow_null=True, help_text="The suggestion to restore the price."
    )


class PromotionSerializer(serializers.Serializer[Any]):
    """A promotion with its listings and where it stands."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField()
    state = EnumField(PromotionState)
    version = serializers.IntegerField()
    time_zone = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    restore_hours = serializers.IntegerField()
    shows_reference = serializers.BooleanField()
    coupon_amount = MoneyField(allow_null=True)
    coupon_share = serializers.CharField(allow_null=True)
    coupon_fee_amount = MoneyField(allow_null=True)
    coupon_fee_share = serializers.CharField(allow_null=True)
    points_share = serializers.CharField(allow_null=True)
    ad_uplift_share = serializers.CharField(allow_null=True)
    expected_uplift = serializers.CharField(allow_null=True)
    budget = MoneyField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    checks = PromotionCheckSerializer(many=True)
    planned_at = serializers.DateTimeField()
    planned_by = serializers.CharField()
    closed_at = serializers.DateTimeField(allow_null=True)
    cancel_reason = serializers.CharField(allow_blank=True)
    items = PromotionItemSerializer(many=True)
    boundary = boundary_field()


class PromotionQuery(PageQuery):
    """Which promotions to list."""

    store = id_field(required=False)
    state = EnumField(PromotionState, required=False)
    sku = serializers.CharField(required=False, max_length=100)


class PromotionCancellation(serializers.Serializer[Any]):
    """Why a promotion is called off."""

    reason = serializers.CharField(max_length=300)


class CalendarQuery(QuerySerializer):
    """From which shop day to which."""

    first = DayField(required=False, help_text="Today unless told.")
    last = DayField(required=False, help_text="Eight weeks after the first unless told.")


class RhythmSerializer(serializers.Serializer[Any]):
    """How often a listing is in promotion."""

    sku = serializers.CharField()
    days_of_eight_weeks = serializers.IntegerField(help_text="Promotion days of the 56 up to the last day.")
    share = serializers.CharField()
    most_share = serializers.CharField()
    days_since_last = serializers.IntegerField(allow_null=True)
    next_start_on = serializers.DateField(help_text="The first day on which another one may begin.")


class PromotionCalendarSerializer(serializers.Serializer[Any]):
    """The promotions of a store that touch a range of days, and how often its listings are in one."""

    store_id = serializers.IntegerField()
    time_zone = serializers.CharField()
    first = serializers.DateField()
    last = serializers.DateField()
    data = PromotionSerializer(many=True)  # type: ignore[assignment]
    rhythm = RhythmSerializer(many=True)
    boundary = boundary_field()
