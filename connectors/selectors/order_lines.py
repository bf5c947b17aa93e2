"""Which order lines there are, straight from the table to JSON: PostgreSQL writes each as it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL

from config.lib.money import EXPONENTS
from connectors.facts.orders import OrderLine

_NUMBERS = ("id", "store_id", "quantity")
_TEXTS = ("platform_order_id", "line_no", "sku", "product_id")
# Values of our own: enumerations and dates need no escaping.
_WORDS = ("business_on", "status", "channel", "tax_collector")
_FLAGS = ("is_replacement", "is_business")
_INSTANTS = ("ordered_at", "source_updated_at")
_AMOUNTS = {
    "gross": "gross_amount",
    "tax": "tax_amount",
    "shipping": "shipping_amount",
    "shipping_tax": "shipping_tax_amount",
    "discount": "discount_amount",
    "points": "points_amount",
}


def _digits() -> str:
    """The decimals of a line's currency, in SQL."""
    cases = " ".join(
        f"WHEN currency IN ({', '.join(repr(code) for code, own in EXPONENTS.items() if own == digits)}) "
        f"THEN {digits}"
        for digits in sorted(set(EXPONENTS.values()) - {2})
    )
    return f"CASE {cases} ELSE 2 END"


def _body() -> str:
    """A line as JSON: instants in UTC, amounts with at least their currency's decimals."""
    members = [f"'\"{name}\":', {name}" for name in _NUMBERS]
    members += [f"'\"{name}\":', to_json({name})" for name in _TEXTS]
    members += [f"'\"{name}\":\"', {name}, '\"'" for name in _WORDS]
    members += [f"'\"{name}\":', CASE WHEN {name} THEN 'true' ELSE 'false' END" for name in _FLAGS]
    members += [
        f"'\"{name}\":\"', to_json({name} AT TIME ZONE 'UTC') #>> '{{}}', 'Z\"'" for name in _INSTANTS
    ]
    members += [
        f'\'"{shown}":{{"amount":"\', round({column}, greatest(min_scale({column}), digits)), '
        '\'","currency":"\', currency, \'"}\''
        for shown, column in _AMOUNTS.items()
    ]
    line = "concat('{', " + ", ',', ".join(members) + ", '}')"
    # OFFSET keeps the planner from putting the CASE in every place that names it.
    return f"(SELECT {line} FROM (SELECT {_digits()} AS digits OFFSET 0) AS own)"  # noqa: S608 - our names only


_BODY = _body()


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
    # The text holds the names of our own columns and nothing that a caller sent.
    body = RawSQL(_BODY, [], output_field=TextField())  # noqa: S611
    rows: QuerySet[Any, Any] = OrderLine.objects.filter(**given).values("id", "business_on", body=body)
    return rows


def shape(row: Mapping[str, Any]) -> orjson.Fragment:
    """Return a row as the API shows it: JSON already, passed through as it is."""
    return orjson.Fragment(row["body"])
