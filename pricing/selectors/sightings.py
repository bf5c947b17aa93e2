"""Own prices in the facts of syncs that differ from the last ones noted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

LISTING = "listing"
OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A price of ours that a sync brought."""

    sku: str
    kind: str
    amount: Decimal
    currency: str
    observed_at: datetime
    run_id: int


@dataclass(frozen=True, slots=True)
class Noted:
    """The last price of a kind that was noted of a SKU, and the last change before."""

    amount: Decimal
    observed_at: datetime


# A listing row says since when its content stands; only rows whose price is not the last noted one come back.
_LISTINGS = """
select l.sku, 'listing', l.price_amount, l.currency, l.source_updated_at, l.run_id
from fact_listing l
left join lateral (
  select o.amount from pricing_priceobservation o
  where o.store_id = l.store_id and o.sku = l.sku and o.kind = 'listing'
  order by o.observed_at desc, o.id desc limit 1) noted on true
where l.store_id = %(store)s and l.price_amount is not null
  and noted.amount is distinct from l.price_amount
"""
# An offer belongs to a SKU where the product is sold under one SKU only through the offer's channel.
_OFFERS = """
with sold as (
  select product_id, channel, min(sku) as sku from fact_listing
  where store_id = %(store)s and product_id <> '' group by product_id, channel having count(*) = 1),
seen as (
  select s.sku, o.price_amount, o.currency, o.observed_at, o.run_id,
         lag(o.price_amount) over (partition by s.sku order by o.observed_at, o.id) as before
  from fact_offer_snapshot o join sold s using (product_id, channel)
  where o.store_id = %(store)s and o.is_own and o.business_on >= %(since)s)
select seen.sku, 'offer', seen.price_amount, seen.currency, seen.observed_at, seen.run_id
from seen
left join lateral (
  select max(o.observed_at) as at from pricing_priceobservation o
  where o.store_id = %(store)s and o.sku = seen.sku and o.kind = 'offer') noted on true
where seen.before is distinct from seen.price_amount
  and (noted.at is null or seen.observed_at > noted.at)
"""
_NOTED = """
select distinct on (sku, kind) sku, kind, amount, observed_at from pricing_priceobservation
where store_id = %(store)s and sku = any(%(skus)s) order by sku, kind, observed_at desc, id desc
"""


def list_sightings(store_id: int, since: date) -> list[Sighting]:
    """Return own prices that may be new, in the order of their time; offers from the shop day `since` on."""
    found: list[Sighting] = []
    with connection.cursor() as cursor:
        for statement in (_LISTINGS, _OFFERS):
            cursor.execute(statement, {"store": store_id, "since": since})
            found.extend(Sighting(*row) for row in cursor.fetchall())
    return sorted(found, key=lambda each: (each.observed_at, each.kind, each.sku))


def last_noted(store_id: int, skus: list[str]) -> dict[tuple[str, str], Noted]:
    """Return the last noted price by SKU and kind."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTED, {"store": store_id, "skus": skus})
        return {(sku, kind): Noted(amount, at) for sku, kind, amount, at in cursor.fetchall()}
