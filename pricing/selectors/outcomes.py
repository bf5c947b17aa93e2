"""Outcome windows, and the daily figures by SKU that they are measured with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from config.lib.errors import NotFound
from pricing.models import PriceLock, PriceObservation, PriceOutcome, Recommendation
from pricing.types import LockKind, RecommendationState

COLUMNS = (
    *("id", "recommendation_id", "store_id", "sku", "currency", "opened_at"),
    *("before_first", "before_last", "after_first", "after_last", "metrics", "controls", "hours_waited"),
    *("promised_gain_amount", "delay_cost_amount", "delay_actual_amount"),
    *("verdict", "doubts", "estimates", "measured_at", "is_final"),
)
MOST_CONTROLS = 40

_SALES = """
select sku, business_on, sum(quantity), sum(gross_amount - tax_amount - discount_amount - points_amount)
from fact_order_line
where store_id = %(store)s and sku = any(%(skus)s) and business_on between %(first)s and %(last)s
  and status <> 'cancelled' and not is_replacement
group by sku, business_on
"""
_VISITS = """
select sku, business_on, sum(units_ordered), sum(sessions) from fact_traffic_day
where store_id = %(store)s and sku = any(%(skus)s) and business_on between %(first)s and %(last)s
group by sku, business_on
"""
_SELLING = """
select sku, sum(quantity) as units from fact_order_line
where store_id = %(store)s and business_on between %(first)s and %(last)s
  and status <> 'cancelled' and not is_replacement and sku <> %(sku)s
group by sku having sum(quantity) > 0 order by units desc, sku
"""
_OUT_OF_STOCK = """
select exists (select 1 from fact_inventory_day
where store_id = %(store)s and sku = %(sku)s and snapshot_on between %(first)s and %(last)s
  and fulfillable = 0)
"""


@dataclass(slots=True)
class DayFigures:
    """What one SKU did by shop day; a day without an order is missing and means nothing was sold."""

    units: dict[date, int] = field(default_factory=dict)
    revenue: dict[date, Decimal] = field(default_factory=dict)
    conversion: dict[date, Decimal] = field(default_factory=dict)


def get_outcome(recommendation_id: int) -> dict[str, Any]:
    """Return the outcome window of a recommendation; `NotFound` where its price was not executed."""
    row: dict[str, Any] | None = (
        PriceOutcome.objects.filter(recommendation_id=recommendation_id).values(*COLUMNS).first()
    )
    if row is None:
        raise NotFound(f"Recommendation {recommendation_id} has no outcome window: it opens when executed.")
    return row


def outcomes_query(
    *, store_id: int | None = None, sku: str | None = None, verdict: str | None = None
) -> QuerySet[PriceOutcome, dict[str, Any]]:
    """Return outcome windows as a query for a page."""
    asked = {"store_id": store_id, "sku": sku, "verdict": verdict}
    given = {name: value for name, value in asked.items() if value is not None}
    rows: QuerySet[PriceOutcome, dict[str, Any]] = PriceOutcome.objects.filter(**given).values(*COLUMNS)
    return rows


def choose_controls(store_id: int, sku: str, first: date, last: date) -> list[str]:
    """Return SKUs to compare with: they sold in the days before, nobody changed or is about to change their
    price; the best sellers first, at most 40."""
    with connection.cursor() as cursor:
        cursor.execute(_SELLING, {"store": store_id, "sku": sku, "first": first, "last": last})
        selling = [row[0] for row in cursor.fetchall()]
    moved = PriceObservation.objects.filter(
        store_id=store_id, is_change=True, business_on__gte=first
    ).values_list("sku", flat=True)
    approved = Recommendation.objects.filter(
        store_id=store_id, state=RecommendationState.APPROVED.value
    ).values_list("sku", flat=True)
    left_out = {*moved, *approved}
    return [each for each in selling if each not in left_out][:MOST_CONTROLS]


def list_figures(store_id: int, skus: Collection[str], first: date, last: date) -> Mapping[str, DayFigures]:
    """Return units, revenue (ex tax, after discounts) and units per session by SKU and shop day."""
    found: dict[str, DayFigures] = defaultdict(DayFigures)
    values: dict[str, Any] = {"store": store_id, "skus": list(skus), "first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(_SALES, values)
        for sku, day, units, revenue in cursor.fetchall():
            found[sku].units[day] = int(units)
            found[sku].revenue[day] = revenue
        cursor.execute(_VISITS, values)
        for sku, day, units, sessions in cursor.fetchall():
            if sessions:
                found[sku].conversion[day] = Decimal(int(units)) / Decimal(int(sessions))
    return found


def has_stock_out(store_id: int, sku: str, first: date, last: date) -> bool:
    """Whether a SKU had nothing to sell on a day."""
    with connection.cursor() as cursor:
        cursor.execute(_OUT_OF_STOCK, {"store": store_id, "sku": sku, "first": first, "last": last})
        return bool(cursor.fetchone()[0])


def has_promotion(store_id: int, sku: str, first: date, last: date) -> bool:
    """Whether a promotion held a listing's price on a day."""
    still = Q(released_at__isnull=True) | Q(released_at__date__gte=first)
    ends = Q(until_at__isnull=True) | Q(until_at__date__gte=first)
    rows = PriceLock.objects.filter(
        still, ends, store_id=store_id, sku=sku, kind=LockKind.PROMOTION.value, from_at__date__lte=last
    )
    return rows.exists()


def has_other_change(store_id: int, sku: str, first: date, last: date) -> bool:
    """Whether the price was changed again."""
    return PriceObservation.objects.filter(
        store_id=store_id, sku=sku, is_change=True, business_on__range=(first, last)
    ).exists()


def days_between(first: date, last: date) -> list[date]:
    """The days from `first` to `last`, both included; none where they are the wrong way round."""
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
