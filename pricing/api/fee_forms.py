"""The form of what the endpoints of fee parameters, quotes and overrides take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from pricing.api.boundary import boundary_field
from pricing.fees.query import FeeLine, Programme, TaxStatus
from pricing.types import Confidence, Truth

LARGEST = 2**63 - 1
_STATED = {
    "oneOf": [
        {"type": "string", "description": "A share (0.15 is 15 %), an amount, or a word."},
        {"type": "array", "items": {}, "description": "Bands: [[upper or null, inclusive, amount], …]."},
        {"type": "object", "description": "Tiers {mode, tiers, minimum}, limits or a weight table."},
    ]
}


@extend_schema_field(_STATED)
class StatedField(serializers.JSONField):
    """A value in the form of its parameter's unit; numbers are text. Null withdraws what was stated."""


def share_field(**kwargs: Any) -> DecimalString:
    """A fraction from 0 to 1."""
    return DecimalString(max_decimals=8, max_whole=1, minimum=Decimal(0), maximum=Decimal(1), **kwargs)


def store_field(**kwargs: Any) -> serializers.IntegerField:
    """The id of a store."""
    return serializers.IntegerField(min_value=1, max_value=LARGEST, **kwargs)


class DatedValueSerializer(serializers.Serializer[Any]):
    """A value and the day it holds from."""

    since = serializers.DateField()
    value = serializers.CharField()


class FeeParameterSerializer(serializers.Serializer[Any]):
    """A fee, tax or duty as it stands on a day."""

    key = serializers.CharField()
    market = serializers.CharField()
    platform = serializers.CharField(help_text="`all` for taxes, duties and payments.")
    topic = serializers.CharField()
    description = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    unit = serializers.CharField()
    unit_meaning = serializers.CharField()
    value = serializers.CharField(allow_null=True, help_text="Null: not known or not in force.")
    in_force_since = serializers.DateField(allow_null=True)
    next_on = serializers.DateField(allow_null=True)
    next_value = serializers.CharField(allow_null=True)
    history = DatedValueSerializer(many=True)
    reference = serializers.CharField()
    confidence = EnumField(Confidence)
    checked_on = serializers.DateField()
    warnings = serializers.ListField(child=serializers.CharField())
    boundary = boundary_field()


class ParametersQuery(PageQuery):
    """Which parameters to list."""

    market = serializers.CharField(required=False, max_length=2)
    platform = serializers.CharField(required=False, max_length=40)
    topic = serializers.CharField(required=False, max_length=40)
    on = DayField(required=False, help_text="Today (UTC) unless told.")
    weak = serializers.BooleanField(required=False, help_text="True: only those with a warning.")


class FeeQuoteQuery(QuerySerializer):
    """A listing, as far as its fees depend on it; with `store` and `sku`, over what was stated of it."""

    store = store_field(required=False)
    sku = serializers.CharField(required=False, max_length=100)
    market = serializers.CharField(required=False, max_length=2)
    platform = serializers.CharField(required=False, max_length=40)
    on = DayField(required=False, help_text="The shop's today unless told; UTC without a store.")
    price = DecimalString(required=False, minimum=Decimal("0.01"), help_text="Also tell what it comes to.")
    channel = serializers.ChoiceField(choices=["platform", "merchant"], required=False)
    category = serializers.CharField(required=False, max_length=80)
    size_tier = serializers.CharField(required=False, max_length=40)
    length_cm = DecimalString(required=False, minimum=Decimal("0.0001"))
    width_cm = DecimalString(required=False, minimum=Decimal("0.0001"))
    height_cm = DecimalString(required=False, minimum=Decimal("0.0001"))
    weight_grams = DecimalString(required=False, minimum=Decimal("0.0001"), max_decimals=8)
    plan = serializers.CharField(required=False, max_length=40)
    buyer_tax_rate = share_field(required=False)
    affiliate_share = share_field(required=False)
    days_held = serializers.IntegerField(required=False, min_value=0, max_value=1000)
    stock_age_days = serializers.IntegerField(required=False, min_value=0, max_value=10000)
    tax_status = EnumField(TaxStatus, required=False)
    programme = serializers.ListField(
        child=EnumField(Programme), required=False, max_length=20, help_text="Repeated or by commas."
    )


class FeeRowSerializer(serializers.Serializer[Any]):
    """One fee; `amount` is as charged at the price asked for."""

    name = serializers.CharField()
    kind = serializers.CharField()
    text = serializers.CharField()
    tax = serializers.CharField()
    amount = MoneyField(allow_null=True)


class FeeCostSerializer(serializers.Serializer[Any]):
    """A cost that no price changes."""

    name = serializers.CharField()
    amount = MoneyField()


class FeeShareSerializer(serializers.Serializer[Any]):
    """A share of net revenue."""

    name = serializers.CharField()
    rate = DecimalString(max_decimals=12)


class ParameterUseSerializer(serializers.Serializer[Any]):
    """A parameter the quote rests on."""

    key = serializers.CharField()
    line = EnumField(FeeLine)
    value = serializers.CharField()
    unit = serializers.CharField()
    reference = serializers.CharField()
    confidence = EnumField(Confidence, allow_null=True)
    checked_on = serializers.DateField(allow_null=True)
    in_force_since = serializers.DateField()
    warnings = serializers.ListField(child=serializers.CharField())
    truth = EnumField(Truth)


class FeeGapSerializer(serializers.Serializer[Any]):
    """A value that nobody knows."""

    line = EnumField(FeeLine)
    key = serializers.CharField()
    why = serializers.CharField()


class FeeQuoteSerializer(serializers.Serializer[Any]):
    """What a platform charges for selling a listing on a day."""

    market = serializers.CharField()
    platform = serializers.CharField()
    on = serializers.DateField()
    currency = serializers.CharField()
    tax_rate = DecimalString(max_decimals=12)
    size_tier = serializers.CharField(allow_blank=True)
    fees = FeeRowSerializer(many=True)
    costs = FeeCostSerializer(many=True)
    monthly = FeeCostSerializer(many=True)
    withholding = FeeShareSerializer(many=True)
    uses = ParameterUseSerializer(many=True)
    missing = FeeGapSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    boundary = boundary_field()


class OverrideScopeQuery(QuerySerializer):
    """For which listings a value is stated; what is left out means any."""

    store = store_field(required=False)
    category = serializers.CharField(required=False, max_length=80)
    sku = serializers.CharField(required=False, max_length=100)


class OverridesQuery(PageQuery):
    """Which overrides to list."""

    key = serializers.CharField(required=False, max_length=120)
    store = store_field(required=False, help_text="Those that hold for this store.")


class OverrideInput(serializers.Serializer[Any]):
    """A value in place of the table's."""

    value = StatedField(allow_null=True)
    effective_on = DayField()
    reason = serializers.CharField(max_length=300)


class FeeOverrideSerializer(serializers.Serializer[Any]):
    """A version of what was stated."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    store_id = serializers.IntegerField(allow_null=True)
    category = serializers.CharField(allow_blank=True)
    sku = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()
    effective_on = serializers.DateField()
    value = StatedField(allow_null=True)
    reason = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()
    boundary = boundary_field()
