"""What a row of the FBA returns report means (GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from connectors.platforms.common.moments import ShopClock, parse_instant
from connectors.platforms.common.numbers import parse_count
from connectors.platforms.common.tables import Table
from connectors.types import ReturnRecord

REPORT = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
REQUIRED = ("return-date", "order-id", "sku", "asin", "quantity", "detailed-disposition", "reason")
OPTIONAL = ("status", "license-plate-number", "fnsku", "product-name", "fulfillment-center-id")
# The buyer's words are never read.
PERSONAL = ("customer-comments",)
_LONGEST_KEY = 160


def return_reader(table: Table, clock: ShopClock, spoken_at: datetime) -> Callable[[list[str]], ReturnRecord]:
    """Return a function that maps a row; `ValueError` says what is wrong with it.

    A returned unit is known by its licence plate. Where the report gives none, equal rows are told apart by
    their number among equals, which is the same whenever the same days are read.
    """
    date_at, order_at, sku_at, asin_at, quantity_at, disposition_at, reason_at = map(table.place, REQUIRED)
    status_at, plate_at = (table.place(name) for name in OPTIONAL[:2])
    seen: Counter[str] = Counter()

    def read(row: list[str]) -> ReturnRecord:
        order, sku = row[order_at], row[sku_at]
        if not order or not sku:
            raise ValueError("a row without order-id or sku")
        returned_at = parse_instant(row[date_at])
        plate = row[plate_at].strip() if plate_at >= 0 else ""
        key = f"{order}|{sku}|{plate}" if plate else f"{order}|{sku}|{row[date_at]}|{row[disposition_at]}"
        seen[key] += 1
        if seen[key] > 1:
            key = f"{key}|{seen[key]}"
        return ReturnRecord(
            return_key=key[-_LONGEST_KEY:],
            platform_order_id=order,
            sku=sku,
            product_id=row[asin_at],
            returned_at=returned_at,
            business_on=clock.day(returned_at),
            quantity=parse_count(row[quantity_at]),
            reason=row[reason_at],
            disposition=row[disposition_at].strip().upper(),
            status=row[status_at] if status_at >= 0 else "",
            source_updated_at=spoken_at,
        )

    return read
