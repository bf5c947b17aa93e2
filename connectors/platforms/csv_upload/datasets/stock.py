"""What lies where, what is on its way, and what is offered, as tables people hand in."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.platforms.csv_upload.fields import (
    CURRENCY,
    PRODUCT,
    SKU,
    UPDATED,
    Dataset,
    RowContext,
    amount,
    choice,
    count,
    day,
    flag,
    ident,
    instant,
    text,
)
from connectors.types import (
    FeeEstimateRecord,
    FulfilmentChannel,
    InventoryAgeRecord,
    InventoryDayRecord,
    ListingRecord,
    OfferRecord,
)

_AGES = ("age_0_90", "age_91_180", "age_181_270", "age_271_365", "age_over_365")
_FEES = ("referral_amount", "fulfilment_amount", "closing_amount", "other_amount")
_ZERO = Decimal(0)


def _age(values: dict[str, Any], context: RowContext) -> None:
    total = sum(values.get(name) or 0 for name in _AGES)
    given = values.get("available")
    if given is not None and abs(total - given) > (values.get("pending_removal") or 0):
        raise ValueError(f"available|The age groups add up to {total}, available is {given}.")
    values["available"] = total


def _fee_total(values: dict[str, Any], context: RowContext) -> None:
    if values.get("total_amount") is None:
        values["total_amount"] = sum((values.get(name) or _ZERO for name in _FEES), _ZERO)


def _landed(values: dict[str, Any], context: RowContext) -> None:
    values["landed_amount"] = (
        values["price_amount"]
        + (values.get("shipping_amount") or _ZERO)
        - (values.get("points_amount") or _ZERO)
    )


INVENTORY = Dataset(
    key="inventory",
    title="Stock at the end of a day",
    record=InventoryDayRecord,
    natural_key=("sku", "snapshot_on"),
    streams=("inventory", "inventory_ledger"),
    stale_after=timedelta(days=2),
    day="snapshot_on",
    fields=(
        SKU,
        PRODUCT,
        day("snapshot_on", "The day at whose end it was counted", required=True),
        count("fulfillable", "Can be sold", "120", required=True),
        count("inbound", "On its way to the warehouse", "0"),
        count("reserved", "Promised or being moved", "4"),
        count("unfulfillable", "Cannot be sold", "1"),
        UPDATED,
    ),
)

INVENTORY_AGE = Dataset(
    key="inventory_age",
    title="Stock by age",
    record=InventoryAgeRecord,
    natural_key=("sku", "snapshot_on"),
    streams=("inventory_planning",),
    stale_after=timedelta(days=9),
    day="snapshot_on",
    fix=_age,
    fields=(
        SKU,
        PRODUCT,
        day("snapshot_on", "Day of the count", required=True),
        count("available", "All units; must be the sum of the age groups", "100"),
        count("pending_removal", "Units about to be removed, by which the sum may be off", "0"),
        count("age_0_90", "0 to 90 days", "60", required=True),
        count("age_91_180", "91 to 180 days", "20", required=True),
        count("age_181_270", "181 to 270 days", "10", required=True),
        count("age_271_365", "271 to 365 days", "10", required=True),
        count("age_over_365", "More than 365 days", "0", required=True),
        CURRENCY,
        amount("storage_cost_next_month_amount", "What storing it will cost next month", "3.20"),
        UPDATED,
    ),
)

LISTINGS = Dataset(
    key="listings",
    title="Products as they are offered now",
    record=ListingRecord,
    natural_key=("sku",),
    streams=("listings",),
    stale_after=timedelta(days=9),
    day="",
    defaults={"status": "active", "condition": "new", "channel": FulfilmentChannel.MERCHANT},
    fields=(
        SKU,
        PRODUCT,
        text("title", "Its name", "Bottle 750 ml", longest=500),
        choice("status", "Is it on sale? active where empty", ("active", "inactive")),
        text("condition", "new where empty", "new", longest=40),
        choice("channel", "Who ships; merchant where empty", FulfilmentChannel),
        CURRENCY,
        amount("price_amount", "Price shown to the buyer", "29.99"),
        day("opened_on", "On sale since"),
        UPDATED,
    ),
)

OFFERS = Dataset(
    key="offers",
    title="Own and competitors' offers as they were seen",
    record=OfferRecord,
    natural_key=("product_id", "seller_id", "condition", "channel", "observed_at"),
    streams=("offers",),
    stale_after=timedelta(days=2),
    day_from=("observed_at",),
    defaults={"condition": "new", "channel": FulfilmentChannel.MERCHANT},
    fix=_landed,
    fields=(
        ident("product_id", "The platform's article number", "B0TEST0001", required=True),
        ident("seller_id", "Whose offer it is", "A1SELLER", required=True),
        flag("is_own", "Is it ours?", "no"),
        text("condition", "new where empty", "new", longest=40),
        choice("channel", "Who ships; merchant where empty", FulfilmentChannel),
        instant("observed_at", "When it was seen", required=True),
        CURRENCY,
        amount("price_amount", "Price of one unit", "28.50", required=True),
        amount("shipping_amount", "Shipping the buyer pays", "0"),
        amount("points_amount", "Points the buyer gets", "0"),
        flag("is_featured", "Does it win the buy box?"),
        UPDATED,
    ),
)

FEE_ESTIMATES = Dataset(
    key="fee_estimates",
    title="What selling one unit would cost in fees",
    record=FeeEstimateRecord,
    natural_key=("sku", "estimated_on"),
    streams=("fee_estimates",),
    stale_after=timedelta(days=33),
    day="estimated_on",
    fix=_fee_total,
    fields=(
        SKU,
        PRODUCT,
        day("estimated_on", "Day of the estimate", required=True),
        CURRENCY,
        amount("price_amount", "The price it was made for", "29.99", required=True),
        amount("referral_amount", "Commission, positive", "4.50", required=True),
        amount("fulfilment_amount", "Picking, packing, shipping, positive", "5.20"),
        amount("closing_amount", "Fixed closing fee, positive", "0"),
        amount("other_amount", "Anything else, positive", "0"),
        amount("total_amount", "All together; the sum where empty", "9.70"),
        UPDATED,
    ),
)
