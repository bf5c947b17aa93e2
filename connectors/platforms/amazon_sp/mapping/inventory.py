"""What Amazon says of stock: summaries for now, the ledger for past days, the planning report for age."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from connectors.engine.protocol import StreamContext
from connectors.platforms.amazon_sp.places import day_order_of
from connectors.platforms.common.moments import DayOrder, parse_day
from connectors.platforms.common.numbers import json_count, optional_count, parse_count, parse_decimal
from connectors.platforms.common.tables import Table
from connectors.types import InventoryAgeRecord, InventoryDayRecord

LEDGER_REPORT = "GET_LEDGER_SUMMARY_VIEW_DATA"
LEDGER_REQUIRED = ("date", "msku", "asin", "disposition", "ending-warehouse-balance")
LEDGER_OPTIONAL = (
    "in-transit-between-warehouses", "location", "fnsku", "title", "starting-warehouse-balance", "receipts",
    "customer-shipments", "customer-returns", "vendor-returns", "warehouse-transfer-in/out", "found", "lost",
    "damaged", "disposed", "other-events", "unknown-events",
)  # fmt: skip

PLANNING_REPORT = "GET_FBA_INVENTORY_PLANNING_DATA"
# The report holds a second, overlapping set of buckets (181-330, 331-365 …); this one is read, never both.
BUCKETS = (
    "inv-age-0-to-90-days", "inv-age-91-to-180-days", "inv-age-181-to-270-days", "inv-age-271-to-365-days",
    "inv-age-365-plus-days",
)  # fmt: skip
PLANNING_REQUIRED = ("snapshot-date", "sku", "asin", "available", *BUCKETS)
PLANNING_OPTIONAL = (
    "pending-removal-quantity", "currency", "estimated-storage-cost-next-month", "fnsku", "product-name",
    "condition", "units-shipped-t7", "units-shipped-t30", "units-shipped-t60", "units-shipped-t90", "alert",
    "your-price", "sales-price", "recommended-action", "sell-through", "item-volume", "storage-type",
    "storage-volume", "marketplace", "days-of-supply", "estimated-excess-quantity", "inbound-quantity",
    "reserved-quantity", "unfulfillable-quantity", "no-sale-last-6-months", "qty-to-be-charged-ltsf-11-mo",
    "projected-ltsf-11-mo", "qty-to-be-charged-ltsf-12-mo", "estimated-ltsf-next-charge",
    "lowest-price-new-plus-shipping", "lowest-price-used", "healthy-inventory-level",
    "recommended-sales-price", "recommended-sale-duration-days", "recommended-removal-quantity",
    "estimated-cost-savings-of-recommended-actions", "volume-unit-measurement", "product-group", "sales-rank",
    "weeks-of-cover-t30", "weeks-of-cover-t90", "featuredoffer-price", "sales-shipped-last-7-days",
    "sales-shipped-last-30-days", "sales-shipped-last-60-days", "sales-shipped-last-90-days",
    "inv-age-0-to-30-days", "inv-age-31-to-60-days", "inv-age-61-to-90-days", "inv-age-181-to-330-days",
    "inv-age-331-to-365-days", "inbound-working", "inbound-shipped", "inbound-received",
    "afn-researching-quantity", "afn-reserved-future-supply", "afn-future-supply-buyable",
)  # fmt: skip
_SELLABLE = "SELLABLE"


def inventory_day(summary: Mapping[str, Any], context: StreamContext) -> InventoryDayRecord:
    """Map one inventory summary; `ValueError` when it has no SKU or no details."""
    sku = str(summary.get("sellerSku") or "")
    details = summary.get("inventoryDetails")
    if not sku or not isinstance(details, dict):
        raise ValueError("a summary without sellerSku or inventoryDetails")
    inbound = ("inboundWorkingQuantity", "inboundShippedQuantity", "inboundReceivingQuantity")
    return InventoryDayRecord(
        sku=sku,
        product_id=str(summary.get("asin") or ""),
        snapshot_on=context.today,
        fulfillable=json_count(details.get("fulfillableQuantity")),
        inbound=sum(json_count(details.get(name)) for name in inbound),
        reserved=json_count((details.get("reservedQuantity") or {}).get("totalReservedQuantity")),
        unfulfillable=json_count(
            (details.get("unfulfillableQuantity") or {}).get("totalUnfulfillableQuantity")
        ),
        source_updated_at=context.now,
    )


@dataclass(slots=True)
class _Balance:
    product_id: str = ""
    fulfillable: int = 0
    reserved: int = 0
    unfulfillable: int = 0


@dataclass(slots=True)
class LedgerBook:
    """Adds the ledger's rows, one per disposition, up to one balance per SKU and day.

    Rows of another country than the store's (`elsewhere` counts them) belong to another store.
    """

    market: str
    balances: dict[tuple[date, str], _Balance] = field(default_factory=dict)
    elsewhere: int = 0

    def reader(self, table: Table) -> Callable[[list[str]], None]:
        """Return a function that enters a row; it raises `ValueError` for a row that cannot be read."""
        day_at, sku_at, asin_at, kind_at, ending_at = (table.place(name) for name in LEDGER_REQUIRED)
        transit_at, location_at = (table.place(name) for name in LEDGER_OPTIONAL[:2])

        def enter(row: list[str]) -> None:
            location = row[location_at].strip().upper() if location_at >= 0 else ""
            if location and location != self.market:
                self.elsewhere += 1
                return
            if not row[sku_at]:
                raise ValueError("a row without MSKU")
            # The ledger is written month first in every market.
            day = parse_day(row[day_at], DayOrder.MONTH_FIRST)
            ending = parse_count(row[ending_at])
            transit = optional_count(row[transit_at]) if transit_at >= 0 else 0
            balance = self.balances.setdefault((day, row[sku_at]), _Balance(row[asin_at]))
            if row[kind_at].strip().upper() == _SELLABLE:
                balance.fulfillable += ending
                balance.reserved += transit
            else:
                balance.unfulfillable += ending

        return enter

    def records(self, spoken_at: datetime) -> tuple[InventoryDayRecord, ...]:
        """Return the balances, by day and SKU."""
        return tuple(
            InventoryDayRecord(
                sku, held.product_id, day, held.fulfillable, 0, held.reserved, held.unfulfillable, spoken_at
            )
            for (day, sku), held in sorted(self.balances.items())
        )


def age_reader(
    table: Table, context: StreamContext, spoken_at: datetime
) -> Callable[[list[str]], InventoryAgeRecord]:
    """Return a function that maps a row of the planning report.

    It raises `ValueError` where the buckets do not add up to the available units (units pending removal may
    make the difference): such a row would make aged stock look larger or smaller than it is.
    """
    day_at, sku_at, asin_at, available_at, *bucket_at = (table.place(name) for name in PLANNING_REQUIRED)
    pending_at, currency_at, cost_at = (table.place(name) for name in PLANNING_OPTIONAL[:3])
    order = day_order_of(context.store.market)

    def read(row: list[str]) -> InventoryAgeRecord:
        if not row[sku_at]:
            raise ValueError("a row without sku")
        available = optional_count(row[available_at])
        pending = optional_count(row[pending_at]) if pending_at >= 0 else 0
        ages = [optional_count(row[at]) for at in bucket_at]
        total = sum(ages)
        if abs(total - available) > pending:
            raise ValueError(f"the age buckets add up to {total}, available is {available}")
        cost = row[cost_at].strip() if cost_at >= 0 else ""
        return InventoryAgeRecord(
            sku=row[sku_at],
            product_id=row[asin_at],
            snapshot_on=parse_day(row[day_at], order),
            available=total,
            age_0_90=ages[0],
            age_91_180=ages[1],
            age_181_270=ages[2],
            age_271_365=ages[3],
            age_over_365=ages[4],
            currency=(row[currency_at] if currency_at >= 0 else "") or context.store.currency,
            storage_cost_next_month_amount=parse_decimal(cost) if cost else None,
            source_updated_at=spoken_at,
        )

    return read
