"""What our own prices were and when they changed, as syncs observed it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from pricing.models import PriceObservation


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A change of a live price; amounts in `currency`."""

    sku: str
    observed_at: datetime
    before: Decimal
    after: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class PricePoint:
    """A price and since when it stands. `kind` is listing or offer."""

    observed_at: datetime
    business_on: date
    kind: str
    amount: Decimal
    currency: str


_LAST = """
select distinct on (sku) sku, observed_at, previous_amount, amount, currency
from pricing_priceobservation
where store_id = %(store)s and is_change and (%(skus)s::text[] is null or sku = any(%(skus)s))
order by sku, observed_at desc, id desc
"""
_SERIES = """
(select observed_at, business_on, kind, amount, currency, id from pricing_priceobservation
  where store_id = %(store)s and sku = %(sku)s and business_on between %(first)s and %(last)s)
union all
(select distinct on (kind) observed_at, business_on, kind, amount, currency, id from pricing_priceobservation
  where store_id = %(store)s and sku = %(sku)s and business_on < %(first)s
  order by kind, observed_at desc, id desc)
order by observed_at, id
"""
_AT = """
select distinct on (sku) sku, amount from pricing_priceobservation
where store_id = %(store)s and sku = any(%(skus)s) and observed_at <= %(at)s
order by sku, observed_at desc, id desc
"""


def last_changes(store_id: int, skus: Collection[str] | None = None) -> Mapping[str, PriceChange]:
    """Return each SKU's last observed change of price (all SKUs of the store for None); one query."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, {"store": store_id, "skus": None if skus is None else list(skus)})
        return {row[0]: PriceChange(*row) for row in cursor.fetchall()}


def changes_on(store_id: int, skus: Collection[str] | None, day: date) -> Mapping[str, int]:
    """Return how many changes of price were observed on a shop day, of the SKUs that had any; one query."""
    rows = PriceObservation.objects.filter(store_id=store_id, business_on=day, is_change=True)
    if skus is not None:
        rows = rows.filter(sku__in=list(skus))
    return dict(rows.values_list("sku").annotate(changes=Count("id")))


def price_series(store_id: int, sku: str, first: date, last: date) -> list[PricePoint]:
    """Return a SKU's observed prices from `first` to `last` (both included), the oldest first.

    The price that stood when `first` began comes first, where one was observed before it.
    """
    values: dict[str, Any] = {"store": store_id, "sku": sku, "first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(_SERIES, values)
        return [PricePoint(*row[:5]) for row in cursor.fetchall()]


def prices_at(store_id: int, skus: Collection[str], at: datetime) -> Mapping[str, Decimal]:
    """Return the live price of each SKU at an instant: the last one observed until then, of either kind."""
    with connection.cursor() as cursor:
        cursor.execute(_AT, {"store": store_id, "skus": list(skus), "at": at})
        return dict(cursor.fetchall())


def observations_query(
    store_id: int, *, sku: str | None = None, is_change: bool | None = None
) -> QuerySet[PriceObservation, dict[str, Any]]:
    """Return a store's observed prices as a query for a page."""
    asked = {"sku": sku, "is_change": is_change}
    given = {name: value for name, value in asked.items() if value is not None}
    rows: QuerySet[PriceObservation, dict[str, Any]] = PriceObservation.objects.filter(
        store_id=store_id, **given
    ).values(
        *("id", "store_id", "sku", "kind", "amount", "previous_amount", "currency"),
        *("observed_at", "business_on", "is_change", "recommendation_id"),
    )
    return rows
