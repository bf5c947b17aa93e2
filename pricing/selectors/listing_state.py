"""How many listings of a store stand at a moment, read set-wise: price, stock, age, rank, ads, elasticity.

The number of statements does not depend on the number of listings. Facts are read, never written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from connectors.types import StoreRef
from pricing.engine.state import oldest_tenth, ratio

_RANK_DAYS = 7
_STOCK_DAYS = 30
_SHORT, _LONG = 14, 30
# Domain reference, section 9: at least 60 days with stock and sales, three price levels, prices that vary by
# 3 %; and a slope that is at least twice its standard error.
_ELASTICITY_DAYS = 180
_LEAST_DAYS, _LEAST_LEVELS, _LEAST_VARIATION, _LEAST_T = 60, 3, 0.03, 2.0

_LISTINGS = """
SELECT sku, product_id, title, condition, channel, currency, price_amount, opened_on, ingested_at, status
FROM fact_listing WHERE store_id = %(store)s
  AND (sku = ANY(%(skus)s) OR (%(skus)s::text[] IS NULL AND status = 'active'))
ORDER BY sku
"""
_FAMILIES = """
SELECT p.family, p.family_rank, l.price_amount FROM pricing_listingprofile p
JOIN fact_listing l ON l.store_id = p.store_id AND l.sku = p.sku
WHERE p.store_id = %(store)s AND p.family = ANY(%(families)s) AND p.family_rank IS NOT NULL
  AND l.price_amount IS NOT NULL AND l.status = 'active'
"""
# Promotions are short and a clearance goes by steps, so the price that stood longest is the regular one.
_REGULAR = """
WITH stood AS (
  SELECT sku, amount,
         lead(observed_at, 1, %(at)s) OVER (PARTITION BY sku ORDER BY observed_at, id) - observed_at AS time
  FROM pricing_priceobservation
  WHERE store_id = %(store)s AND sku = ANY(%(skus)s) AND kind = 'listing'
    AND observed_at BETWEEN %(at)s - interval '365 days' AND %(at)s
)
SELECT DISTINCT ON (sku) sku, amount FROM stood
GROUP BY sku, amount ORDER BY sku, sum(time) DESC, amount DESC
"""
_STOCK = """
SELECT DISTINCT ON (sku) sku, fulfillable, ingested_at FROM fact_inventory_day
WHERE store_id = %(store)s AND snapshot_on BETWEEN %(first)s AND %(on)s ORDER BY sku, snapshot_on DESC
"""
_AGES = """
SELECT DISTINCT ON (sku) sku, age_0_90, age_91_180, age_181_270, age_271_365, age_over_365
FROM fact_inventory_age
WHERE store_id = %(store)s AND snapshot_on BETWEEN %(first)s AND %(on)s ORDER BY sku, snapshot_on DESC
"""
_RANKS = """
SELECT DISTINCT ON (sku) sku, rank FROM fact_rank_day
WHERE store_id = %(store)s AND business_on BETWEEN %(first)s AND %(on)s
ORDER BY sku, business_on DESC, rank
"""
_ADS = """
SELECT sku, coalesce(sum(cost_amount) FILTER (WHERE business_on >= %(short)s), 0),
       coalesce(sum(sales_7d_amount) FILTER (WHERE business_on >= %(short)s), 0),
       sum(cost_amount), sum(sales_7d_amount)
FROM fact_ad_day WHERE store_id = %(store)s AND business_on BETWEEN %(first)s AND %(on)s GROUP BY sku
"""
# Units and the average price of each day with a sale; days without one have no logarithm and are left out,
# which makes the slope look flatter than it is where many are.
_ELASTICITY = """
WITH days AS (
  SELECT sku, business_on, sum(quantity)::float8 AS units,
         (sum(gross_amount - discount_amount) / sum(quantity))::float8 AS price
  FROM fact_order_line
  WHERE store_id = %(store)s AND business_on BETWEEN %(first)s AND %(on)s AND status <> 'cancelled'
    AND NOT is_replacement AND quantity > 0 AND sku = ANY(%(skus)s)
  GROUP BY sku, business_on HAVING sum(gross_amount - discount_amount) > 0
)
SELECT sku, count(*), count(DISTINCT round(price::numeric, 2)), stddev_samp(price) / nullif(avg(price), 0),
       regr_slope(ln(units), ln(price)), regr_sxx(ln(units), ln(price)), regr_syy(ln(units), ln(price)),
       regr_sxy(ln(units), ln(price))
FROM days GROUP BY sku HAVING count(*) >= %(least_days)s
"""


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A listing as the platform shows it; `read_at` is when we last stored it."""

    sku: str
    product_id: str
    title: str
    condition: str
    channel: str
    currency: str
    price: Decimal | None
    opened_on: date | None
    read_at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """A variation of a family: its place in the order of prices, and its price."""

    rank: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class ListingStates:
    """What facts say of a store's SKUs at a moment, each by SKU."""

    stock: Mapping[str, tuple[int, datetime]]
    ages: Mapping[str, int]
    ranks: Mapping[str, int]
    acos: Mapping[str, Decimal]
    elasticities: Mapping[str, Decimal]


def list_listing_rows(store: StoreRef, skus: Collection[str] | None) -> list[ListingRow]:
    """Return these listings, whatever their status, or for None all active ones of the store."""
    wanted = None if skus is None else sorted(set(skus))
    return [ListingRow(*row) for row in _rows(_LISTINGS, {"store": store.id, "skus": wanted})]


def family_prices(store_id: int, families: Collection[str]) -> dict[str, tuple[FamilyMember, ...]]:
    """Return the ranked variations of these families that have a price, by family."""
    found: dict[str, list[FamilyMember]] = {}
    for family, rank, price in _rows(_FAMILIES, {"store": store_id, "families": sorted(families)}):
        found.setdefault(family, []).append(FamilyMember(rank, price))
    return {family: tuple(members) for family, members in found.items()}


def regular_prices(store_id: int, skus: Collection[str], at: datetime) -> dict[str, Decimal]:
    """Return the listing price of each SKU that stood longest in the year before `at`, as it was observed."""
    return dict(_rows(_REGULAR, {"store": store_id, "skus": sorted(skus), "at": at}))


def read_states(store: StoreRef, skus: Collection[str], on: date) -> ListingStates:
    """Read the states of these SKUs on a shop day; five statements."""
    given = {"store": store.id, "on": on, "skus": sorted(skus)}
    recent = {**given, "first": on - timedelta(days=_STOCK_DAYS)}
    ads = {**given, "first": _back(on, _LONG), "short": _back(on, _SHORT)}
    ages = ((row[0], oldest_tenth(row[1:])) for row in _rows(_AGES, recent))
    spent = ((row[0], _acos(row)) for row in _rows(_ADS, ads))
    learnt = {**given, "first": _back(on, _ELASTICITY_DAYS), "least_days": _LEAST_DAYS}
    slopes = ((row[0], _credible(row)) for row in _rows(_ELASTICITY, learnt))
    return ListingStates(
        stock={sku: (units, read_at) for sku, units, read_at in _rows(_STOCK, recent)},
        ages={sku: age for sku, age in ages if age is not None},
        ranks=dict(_rows(_RANKS, {**given, "first": _back(on, _RANK_DAYS)})),
        acos={sku: acos for sku, acos in spent if acos is not None},
        elasticities={sku: slope for sku, slope in slopes if slope is not None},
    )


def _acos(row: tuple[Any, ...]) -> Decimal | None:
    """Cost over attributed sales of 14 days; of 30 where nothing sold in 14."""
    _, cost, sales, cost_long, sales_long = row
    short = ratio(cost, sales)
    return short if short is not None else ratio(cost_long, sales_long)


def _credible(row: tuple[Any, ...]) -> Decimal | None:
    """The slope of ln units on ln price where the data can bear one; statistics, so computed in floats."""
    _, days, levels, variation, slope, sxx, syy, sxy = row
    if levels < _LEAST_LEVELS or not variation or variation < _LEAST_VARIATION or not sxx or slope >= 0:
        return None
    residual = max(syy - sxy * sxy / sxx, 0.0) / (days - 2)
    error = (residual / sxx) ** 0.5
    if error and abs(slope) / error < _LEAST_T:
        return None
    return Decimal(repr(slope)).quantize(Decimal("0.001"), rounding=ROUND_HALF_UP)


def _back(on: date, days: int) -> date:
    return on - timedelta(days=days - 1)


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
