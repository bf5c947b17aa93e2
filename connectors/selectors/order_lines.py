"""Which order lines there are, straight from the table to what the API shows: no models in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import QuerySet

from config.lib.money import exponent
from connectors.facts.orders import OrderLine

COLUMNS = (
    "id",
    "store_id",
    "platform_order_id",
    "line_no",
    "sku",
    "product_id",
    "ordered_at",
    "business_on",
    "status",
    "channel",
    "quantity",
    "currency",
    "gross_amount",
    "tax_amount",
    "tax_collector",
    "shipping_amount",
    "shipping_tax_amount",
    "discount_amount",
    "points_amount",
    "is_replacement",
    "is_business",
    "source_updated_at",
)
AMOUNTS = {
    "gross_amount": "gross",
    "tax_amount": "tax",
    "shipping_amount": "shipping",
    "shipping_tax_amount": "shipping_tax",
    "discount_amount": "discount",
    "points_amount": "points",
}
_STORED_DECIMALS = 4


def order_lines_query(
    *,
    store_id: int | None = None,
    sku: str | None = None,
    platform_order_id: str | None = None,
    first: date | None = None,
    last: date | None = None,
    status: str | None = None,
) -> QuerySet[Any, Any]:
    """The order lines that match every given filter, for paging; `first` and `last` are shop days."""
    wanted = {
        "store_id": store_id,
        "sku": sku,
        "platform_order_id": platform_order_id,
        "business_on__gte": first,
        "business_on__lte": last,
        "status": status,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    rows: QuerySet[Any, Any] = OrderLine.objects.filter(**given).values(*COLUMNS)
    return rows


def shape(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as the API shows it: amounts as money objects in the line's currency."""
    currency = row["currency"]
    text = _writer(exponent(currency))
    shown = {name: row[name] for name in COLUMNS if name not in AMOUNTS and name != "currency"}
    for column, name in AMOUNTS.items():
        shown[name] = {"amount": text(row[column]), "currency": currency}
    return shown


def shape_all(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows as the API shows them."""
    return [shape(row) for row in rows]


@cache
def _writer(digits: int) -> Callable[[Decimal], str]:
    """Return what writes a stored amount with `digits` decimals; more only where they are not zero."""
    surplus = _STORED_DECIMALS - digits
    zeros = "0" * surplus
    cut = -(surplus + (digits == 0)) or None

    def write(amount: Decimal) -> str:
        text = str(amount)
        # Amounts come as numeric(18, 4); a currency's own decimals are all there is, but for odd fractions.
        return text[:cut] if text.endswith(zeros) else text

    return write
