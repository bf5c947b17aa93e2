"""What was seen besides sums: stock, offers, ranks, deliveries and events, straight from their fact
tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from kpis.engine.attribution.case import Happening

# Offers are seen when they are looked at; within these days after a window they still speak for it.
OFFERS_SPEAK_DAYS = 14
EVENTS_BEFORE_DAYS = 7

_STOCK = """
select sku, count(*)::int, count(*) filter (where fulfillable = 0)::int
from fact_inventory_day i
where store_id = %(store)s and snapshot_on between %(first)s and %(last)s
  and not exists (select from fact_listing g where g.store_id = i.store_id and g.sku = i.sku
                  and lower(g.status) <> 'active')
group by sku"""

# The last look of each product and day; the cheapest own and rival offer in it. The days of the window if any
# was looked at, else the first days after it.
_OFFERS = """
with look as (
  select product_id, business_on, is_own, landed_amount, is_featured,
         observed_at = max(observed_at) over (partition by product_id, business_on) as is_last
  from fact_offer_snapshot
  where store_id = %(store)s and lower(condition) = 'new' and business_on between %(first)s and %(until)s),
day as (
  select product_id, business_on,
         min(landed_amount) filter (where is_own) as own,
         min(landed_amount) filter (where not is_own) as rival,
         coalesce(bool_or(is_featured) filter (where is_own), false) as is_featured,
         business_on > %(last)s as is_late
  from look where is_last group by product_id, business_on),
chosen as (
  select *, bool_or(not is_late) over (partition by product_id) as has_timely from day)
select g.sku, avg(c.own), avg(c.rival), avg(c.is_featured::int), bool_and(c.is_late)
from chosen c
join (select product_id, min(sku) as sku from fact_listing where store_id = %(store)s group by product_id) g
  using (product_id)
where c.is_late <> c.has_timely
group by g.sku"""

_RANKS = """
select sku, avg(rank) from fact_rank_day
where store_id = %(store)s and business_on between %(first)s and %(last)s group by sku"""

_DELIVERIES = """
select count(*)::int,
       avg((coalesce(delivered_at > promised_at, shipped_at > ship_due_at, false))::int)
from fact_shipment
where store_id = %(store)s and business_on between %(first)s and %(last)s
  and (delivered_at is not null or shipped_at is not null)"""

_EVENTS = """
select kind, sku, business_on, title from fact_event
where store_id = %(store)s and business_on between %(first)s and %(last)s order by business_on, id"""

_HAS_EVENTS = "select exists (select from fact_event where store_id = %(store)s)"


@dataclass(frozen=True, slots=True)
class Offer:
    """Mean cheapest landed offers of a SKU; `is_late`: seen only after the window."""

    own: Decimal | None
    rival: Decimal | None
    featured: Decimal
    is_late: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in one window, by SKU where it has one."""

    stock: Mapping[str, tuple[int, int]]
    offers: Mapping[str, Offer]
    ranks: Mapping[str, Decimal]
    shipments: int
    late: Decimal | None


def look(store_id: int, first: date, last: date, *, until: date | None = None) -> Seen:
    """Read one window of a store; offers up to `until` (14 days after unless told)."""
    asked = {
        "store": store_id,
        "first": first,
        "last": last,
        "until": until or last + timedelta(days=OFFERS_SPEAK_DAYS),
    }
    [(shipments, late)] = _rows(_DELIVERIES, asked)
    return Seen(
        stock={sku: (days, empty) for sku, days, empty in _rows(_STOCK, asked)},
        offers={sku: Offer(*rest) for sku, *rest in _rows(_OFFERS, asked)},
        ranks=dict(_rows(_RANKS, asked)),
        shipments=shipments,
        late=late,
    )


def happenings(store_id: int, first: date, last: date) -> tuple[tuple[Happening, ...], bool]:
    """The events from a week before `first` to `last`, and whether the store has a timeline at all."""
    asked = {"store": store_id, "first": first - timedelta(days=EVENTS_BEFORE_DAYS), "last": last}
    found = tuple(Happening(*row) for row in _rows(_EVENTS, asked))
    [(has_any,)] = _rows(_HAS_EVENTS, asked)
    return found, bool(has_any)


def _rows(statement: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
