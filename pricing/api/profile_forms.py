"""The form of what is stated of listings, and of how a store prices, as endpoints take and give it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from config.lib.errors import FieldError, Invalid
from config.lib.money import Money
from pricing.api.boundary import boundary_field
from pricing.engine.terms import AdsMode, Registration, Withholding
from pricing.services.policies import PLANNABLE
from pricing.services.profiles import ProfileOutcome
from pricing.types import Objective, Tier

MAX_BATCH = 1000
WORDS = frozenset({"ads_mode", "registration", "withholding"})
_ZERO, _ONE = Decimal(0), Decimal(1)
# Members that are amounts, with the column behind each.
AMOUNTS: Mapping[str, str] = {
    "ads_cost_per_click": "ads_cost_per_click_amount",
    "return_admin_cap": "return_admin_cap_amount",
    "return_processing": "return_processing_amount",
    "lowest": "lowest_amount",
    "highest": "highest_amount",
    "advertised": "advertised_amount",
}


def _share(text: str = "", **kwargs: Any) -> DecimalString:
    return DecimalString(
        max_decimals=6, minimum=_ZERO, maximum=_ONE, required=False, allow_null=True, help_text=text, **kwargs
    )


def _margin(text: str) -> DecimalString:
    return DecimalString(
        max_decimals=6, minimum=-_ONE, maximum=_ONE, required=False, allow_null=True, help_text=text
    )


def _size(text: str, decimals: int) -> DecimalString:
    return DecimalString(
        max_decimals=decimals,
        max_whole=6,
        minimum=_ZERO,
        required=False,
        allow_null=True,
        help_text=text,
    )


def _amount(text: str, **kwargs: Any) -> MoneyField:
    return MoneyField(minimum=_ZERO, required=False, allow_null=True, help_text=text, **kwargs)


def _choice(words: type[StrEnum]) -> EnumField:
    """One of some words; null: not stated."""
    return EnumField(words, allow_null=True, required=False)


class ComponentForm(serializers.Serializer[Any]):
    """A part of a bundle."""

    sku = serializers.CharField(max_length=100)
    quantity = serializers.IntegerField(min_value=1, max_value=1000)


class ProfileForm(serializers.Serializer[Any]):
    """What is stated of a listing, as a whole: what is left out is not stated.

    Amounts are in the store's currency.
    """

    fee_category = serializers.CharField(max_length=64, required=False, allow_blank=True)
    size_tier = serializers.CharField(max_length=40, required=False, allow_blank=True)
    length_cm = _size("Of the packed unit.", 4)
    width_cm = _size("Of the packed unit.", 4)
    height_cm = _size("Of the packed unit.", 4)
    weight_grams = _size("Of the packed unit; an ounce is 28.349523125 grams.", 8)
    origin = serializers.CharField(
        max_length=2, required=False, allow_blank=True, help_text="Country the goods come from, as CN."
    )
    hts_code = serializers.CharField(max_length=16, required=False, allow_blank=True)
    duty_rate = DecimalString(max_decimals=6, minimum=_ZERO, required=False, allow_null=True)
    extra_duty_rate = DecimalString(max_decimals=6, minimum=_ZERO, required=False, allow_null=True)
    is_importer = serializers.BooleanField(required=False)
    is_tax_exempt = serializers.BooleanField(
        required=False, allow_null=True, help_text="Null: as the store's policy says."
    )
    is_reduced_tax = serializers.BooleanField(required=False)
    ads_mode = _choice(AdsMode)
    ads_share = _share("Of net revenue; with ads_mode share.")
    ads_cost_per_click = _amount("With ads_mode click.")
    ads_conversion_rate = _share("Orders per click; with ads_mode click.")
    ads_unit_share = _share("Share of units that advertising sells; with ads_mode click.")
    return_rate = _share("Of shipped units; null: as measured in 30 days.")
    return_admin_rate = _share("Share of the referral fee that the platform keeps on a refund.")
    return_admin_cap = _amount("The most it keeps.")
    return_processing = _amount("What handling one return costs.")
    return_salvage = _share("Share of a returned unit's cost that is won back.")
    payment_mix = serializers.DictField(
        child=DecimalString(max_decimals=6, minimum=_ZERO, maximum=_ONE),
        required=False,
        help_text='Shares by way of payment, adding up to 1: {"card": "0.7", "oxxo": "0.3"}.',
    )
    pack_size = serializers.IntegerField(min_value=1, max_value=100_000, required=False)
    condition = serializers.CharField(max_length=40, required=False, allow_blank=True)
    lowest = _amount("No suggestion is below it.", minor_units=True)
    highest = _amount("No suggestion is above it.", minor_units=True)
    advertised = _amount("The brand's minimum advertised price, where that is lawful.", minor_units=True)
    tier = EnumField(Tier, required=False)
    objective = EnumField(Objective, required=False)
    target_margin = _margin("Of net revenue; null: as the tier's policy says.")
    floor_margin = _margin("No suggestion leaves less; null: as the tier's policy says.")
    family = serializers.CharField(max_length=64, required=False, allow_blank=True)
    family_rank = serializers.IntegerField(
        min_value=0, max_value=10_000, required=False, allow_null=True, help_text="Higher is never cheaper."
    )
    components = ComponentForm(many=True, required=False)
    elasticity = DecimalString(
        max_decimals=4,
        max_whole=3,
        maximum=_ZERO,
        required=False,
        allow_null=True,
        help_text="Of units to price (negative); used while the data bears no measured one.",
    )


class ProfileItemForm(ProfileForm):
    """One profile of a batch."""

    sku = serializers.CharField(max_length=100)


class ProfileBatchForm(serializers.Serializer[Any]):
    """Up to a thousand profiles, each judged by itself."""

    items = serializers.ListField(child=ProfileItemForm(), allow_empty=False, max_length=MAX_BATCH)


class ProfileBatchEnvelope(serializers.Serializer[Any]):
    """The same with its items unread."""

    items = serializers.ListField(child=serializers.JSONField(), allow_empty=False, max_length=MAX_BATCH)


class ProfileSerializer(ProfileForm):
    """A listing's profile with its version."""

    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    version = serializers.IntegerField()
    updated_at = serializers.DateTimeField()
    updated_by = serializers.CharField()
    boundary = boundary_field()


class ProfileFaultSerializer(serializers.Serializer[Any]):
    """One thing that is wrong; `pointer` leads into the request's body."""

    pointer = serializers.CharField()
    detail = serializers.CharField()
    code = serializers.CharField()


class ProfileResultSerializer(serializers.Serializer[Any]):
    """What became of one item, in the order sent."""

    index = serializers.IntegerField()
    sku = serializers.CharField(allow_blank=True)
    status = EnumField(ProfileOutcome)
    version = serializers.IntegerField(allow_null=True)
    errors = ProfileFaultSerializer(many=True)  # type: ignore[assignment]


class ProfileBatchSerializer(serializers.Serializer[Any]):
    """What became of a batch of profiles."""

    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    invalid = serializers.IntegerField()
    data = ProfileResultSerializer(many=True)  # type: ignore[assignment]
    boundary = boundary_field()


class ProfileQuery(PageQuery):
    """Which profiles to list."""

    tier = EnumField(Tier, required=False)
    family = serializers.CharField(required=False, max_length=64)


class PlannedForm(serializers.Serializer[Any]):
    """What to assume of a line that nobody knows: an amount per unit or a share, one of them."""

    amount = MoneyField(minimum=_ZERO, required=False, allow_null=True)
    rate = _share("Of the price, or of net revenue for advertising; for returns the share that comes back.")


class PricingPolicyForm(serializers.Serializer[Any]):
    """How the listings of a tier are priced from a day on; what is left out is left to the store's policy."""

    effective_on = DayField()
    target_margin = _margin("Of net revenue.")
    floor_margin = _margin("No suggestion leaves less.")
    cost_days = serializers.IntegerField(min_value=1, max_value=3650, required=False, allow_null=True)
    fee_days = serializers.IntegerField(min_value=1, max_value=3650, required=False, allow_null=True)
    fx_days = serializers.IntegerField(min_value=1, max_value=30, required=False, allow_null=True)
    competitor_hours = serializers.IntegerField(min_value=1, max_value=720, required=False, allow_null=True)
    stock_hours = serializers.IntegerField(min_value=1, max_value=720, required=False, allow_null=True)
    price_hours = serializers.IntegerField(min_value=1, max_value=720, required=False, allow_null=True)
    expiry_hours = serializers.IntegerField(min_value=1, max_value=720, required=False, allow_null=True)
    registration = _choice(Registration)
    withholding = _choice(Withholding)
    is_fx_buffered = serializers.BooleanField(required=False, allow_null=True)
    ads_mode = _choice(AdsMode)
    planning = serializers.DictField(
        child=PlannedForm(), required=False, help_text=f"By line: {', '.join(PLANNABLE)}."
    )
    required = serializers.ListField(  # type: ignore[assignment]
        child=serializers.ChoiceField(choices=list(PLANNABLE)),
        required=False,
        allow_null=True,
        max_length=len(PLANNABLE),
        help_text="Lines without which no price is suggested, where they can apply.",
    )


class PricingPolicySerializer(PricingPolicyForm):
    """A policy as it was recorded last."""

    store_id = serializers.IntegerField()
    tier = serializers.CharField(help_text="store for all tiers.")
    version = serializers.IntegerField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()
    boundary = boundary_field()


class PricingPoliciesSerializer(serializers.Serializer[Any]):
    """The policies in force on a day."""

    on = serializers.DateField()
    data = PricingPolicySerializer(many=True)  # type: ignore[assignment]
    boundary = boundary_field()


class OnQuery(QuerySerializer):
    """On which shop day; today unless told."""

    on = DayField(required=False)


def amount_in(money: Money | None, currency: str, pointer: str) -> Decimal | None:
    """An amount in the store's currency; `Invalid` names one in another."""
    if money is None:
        return None
    if money.currency != currency:
        raise Invalid(
            errors=[FieldError(pointer, f"The store's amounts are in {currency}.", "other_currency")]
        )
    return money.amount


def columns_of(values: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The columns of a stated profile."""
    return {
        AMOUNTS.get(name, name): amount_in(value, currency, f"/{name}") if name in AMOUNTS else value
        for name, value in unstated(values).items()
    }


def unstated(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with "" for a word that is not stated, as it is kept."""
    return {name: "" if value is None and name in WORDS else value for name, value in values.items()}


def profile_body(row: Mapping[str, Any], currency: str, store_id: int) -> dict[str, Any]:
    """A profile as it is shown."""
    columns = {column: name for name, column in AMOUNTS.items()}
    body = {
        columns.get(name, name): None
        if value is None
        else Money(value, currency).to_json()
        if name in columns
        else format(value, "f")
        if isinstance(value, Decimal)
        else value
        for name, value in row.items()
        if name != "id"
    }
    return {**body, "ads_mode": row["ads_mode"] or None, "store_id": store_id}
