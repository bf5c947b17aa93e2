"""What prices are held against every day: the base price of each listing, and what was sold for how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection

BASE_DAYS = 30

# The price that was approved last; where none was, the one that stood 30 days ago or, later, the first seen.
_BASE = """
with approved as (
  select distinct on (sku) sku, approved_amount as amount from pricing_recommendation
  where store_id = %(store)s and approved_amount is not null
    and state in ('approved', 'executed', 'partial', 'deviated')
  order by sku, approved_at desc, id desc),
stood as (
  select distinct on (sku) sku, amount from pricing_priceobservation
  where store_id = %(store)s and kind = 'listing'
  order by sku, (observed_at <= %(before)s) desc,
           case when observed_at <= %(before)s then observed_at end desc, observed_at, id)
select coalesce(a.sku, s.sku), coalesce(a.amount, s.amount) from approved a full join stood s using (sku)
"""
_SALES = """
select platform_order_id, sku, business_on,
       (gross_amount - tax_amount - discount_amount - points_amount) / quantity
from fact_order_line
where store_id = %(store)s and business_on between %(first)s and %(last)s
  and status <> 'cancelled' and not is_replacement and quantity > 0
"""


@dataclass(frozen=True, slots=True)
class Sale:
    """A line of an order; `unit_net` is what a unit brought ex tax, after discounts and points."""

    order_id: str
    sku: str
    business_on: date
    unit_net: Decimal


def base_prices(store_id: int, at: datetime) -> Mapping[str, Decimal]:
    """Return the price each listing is meant to have, by SKU."""
    with connection.cursor() as cursor:
        cursor.execute(_BASE, {"store": store_id, "before": at - timedelta(days=BASE_DAYS)})
        return dict(cursor.fetchall())


def list_sales(store_id: int, first: date, last: date) -> list[Sale]:
    """Return the lines that were sold from `first` to `last`, both shop days included."""
    with connection.cursor() as cursor:
        cursor.execute(_SALES, {"store": store_id, "first": first, "last": last})
        return [Sale(*row) for row in cursor.fetchall()]
