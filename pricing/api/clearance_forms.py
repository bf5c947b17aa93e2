"""The form of what the endpoints of clearance take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import QuerySerializer
from pricing.api.boundary import boundary_field

ZERO, ONE = Decimal(0), Decimal(1)


def _stated(meaning: str, minimum: Decimal | None = ZERO) -> DecimalString:
    return DecimalString(required=False, minimum=minimum, help_text=f"{meaning}; not stated: not known.")


class StatedCharges(QuerySerializer):
    """What keeping and getting rid of a unit costs, in the store's currency."""

    storage_monthly = _stated("Storage per unit and month (else the platform's own estimate)")
    aged_monthly = _stated("Aged fee per unit and month, from the day on which the platform charges it")
    removal = _stated("Removal per unit")
    disposal = _stated("Disposal per unit")
    liquidation = _stated("What a liquidator pays per unit, after its fees", None)
    yearly_rate = DecimalString(
        max_decimals=6,
        required=False,
        minimum=ZERO,
        maximum=ONE,
        help_text="What money costs per year, to discount what comes later; 0 unless told.",
    )


class ClearanceInput(serializers.Serializer[Any]):
    """For which SKUs (none: all with old stock), and what keeping and removal cost."""

    skus = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, default=list, max_length=1000
    )
    storage_monthly = _stated("Storage per unit and month (else the platform's own estimate)")
    aged_monthly = _stated("Aged fee per unit and month, from the day on which the platform charges it")
    removal = _stated("Removal per unit")
    disposal = _stated("Disposal per unit")
    liquidation = _stated("What a liquidator pays per unit, after its fees", None)
    yearly_rate = DecimalString(max_decimals=6, required=False, minimum=ZERO, maximum=ONE)


class ClearanceWaySerializer(serializers.Serializer[Any]):
    """What a way out brings from today on."""

    way = serializers.CharField(help_text="ladder, hold, removal, disposal or liquidation.")
    value = MoneyField(allow_null=True, help_text="Discounted; null: not known, see `missing`.")
    cash = MoneyField(allow_null=True)
    fees = MoneyField(allow_null=True, help_text="What storage and removal take.")
    sold = serializers.CharField(allow_null=True)
    left = serializers.CharField(allow_null=True)
    days = serializers.IntegerField(allow_null=True)
    break_even_day = serializers.IntegerField(
        allow_null=True, help_text="From which day on it is as good as getting rid of everything at once."
    )
    missing = serializers.ListField(child=serializers.CharField())


class ClearanceCaseSerializer(serializers.Serializer[Any]):
    """A listing with old stock: its step of the ladder, the price of it, and every way out."""

    sku = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    tier = serializers.CharField()
    age_days = serializers.IntegerField()
    units = serializers.IntegerField(help_text="Units older than 90 days.")
    price = MoneyField()
    regular_price = MoneyField(help_text="From which the cut is counted.")
    cut = serializers.CharField(allow_null=True)
    step = serializers.CharField(help_text="none, cut or remove.")
    step_price = MoneyField(allow_null=True)
    floor = MoneyField(allow_null=True, help_text="The lowest price that may be suggested.")
    is_on_step = serializers.BooleanField()
    is_below_cost = serializers.BooleanField()
    cash_freed = MoneyField(allow_null=True, help_text="What the best known way brings in.")
    ways = ClearanceWaySerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField(), help_text="What nobody stated or knows.")


class ClearanceListSerializer(serializers.Serializer[Any]):
    """Every listing of a store with old stock; the list is not paged."""

    store_id = serializers.IntegerField()
    currency = serializers.CharField()
    data = ClearanceCaseSerializer(many=True)  # type: ignore[assignment]
    boundary = boundary_field()


class ClearanceResultSerializer(serializers.Serializer[Any]):
    """What became of one listing."""

    sku = serializers.CharField()
    recommendation_id = serializers.IntegerField(allow_null=True)
    code = serializers.CharField(help_text="suggested, or why not: locked, stale, missing, remove, …")
    text = serializers.CharField()


class ClearanceProposalSerializer(serializers.Serializer[Any]):
    """What became of each listing."""

    store_id = serializers.IntegerField()
    data = ClearanceResultSerializer(many=True)  # type: ignore[assignment]
    boundary = boundary_field()
