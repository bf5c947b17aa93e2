"""What buyers did in a shop, as facts: visits, sales and prices per shop day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from config.lib.calendars import day_bounds
from connectors import models as c
from connectors.facts.orders import OrderLine
from connectors.facts.traffic import TrafficDay
from tests.pricing.promotions.shops import NOW, PROVENANCE, cost, observe, see

ZONE = "America/Los_Angeles"
TODAY = date(2026, 10, 1)
START = date(2026, 10, 5)
DAY = timedelta(days=1)
SESSIONS = 200


def furnish(store_id: int, days: int = 28) -> None:
    """Costs of TENT, 30.00 since long ago, and four weeks of 200 visits and about ten sales a day."""
    cost(store_id)
    observe(store_id, "TENT", "30", at_noon(TODAY - timedelta(days=70)))
    for n in range(days):
        sell(store_id, TODAY - timedelta(days=days - n), 9 + n % 3)
    see(store_id, NOW)


def sell(
    store_id: int,
    day: date,
    units: int,
    *,
    sku: str = "TENT",
    price: str = "30",
    sessions: int = SESSIONS,
    buy_box: str = "0.90",
) -> None:
    """A day's visits and sales of a listing."""
    TrafficDay.objects.create(
        store_id=store_id, business_on=day, product_id=f"B0{sku}", sku=sku, sessions=sessions,
        page_views=sessions, buy_box_share=Decimal(buy_box), units_ordered=units, orders=units,
        currency="USD", ordered_sales_amount=units * Decimal(price), **PROVENANCE,
    )  # fmt: skip
    if units:
        OrderLine.objects.create(**line(store_id, day, units, sku=sku, price=price))


def line(store_id: int, day: date, units: int, *, sku: str, price: str) -> dict[str, Any]:
    """One order line of a day."""
    gross = units * Decimal(price)
    return {
        "store_id": store_id,
        "platform_order_id": f"O-{sku}-{day}",
        "line_no": "1",
        "sku": sku,
        "product_id": f"B0{sku}",
        "ordered_at": at_noon(day),
        "business_on": day,
        "status": "shipped",
        "channel": "platform",
        "quantity": units,
        "currency": "USD",
        "gross_amount": gross,
        "tax_amount": 0,
        "tax_collector": "platform",
        "shipping_amount": 0,
        "shipping_tax_amount": 0,
        "discount_amount": 0,
        "points_amount": 0,
        "is_replacement": False,
        "is_business": False,
        "buyer_hash": "",
        **PROVENANCE,
    }


def at_noon(day: date) -> datetime:
    """An instant of a shop day in Los Angeles."""
    return datetime.combine(day, time(19), tzinfo=UTC)


def live_through(
    store_id: int,
    calendar: list[dict[str, Any]],
    units: Mapping[str, int],
    *,
    lapses: Mapping[str, str] | None = None,
    until: date | None = None,
    buy_box: Mapping[str, str] | None = None,
) -> date:
    """Set every day's price as the calendar says (but for `lapses`, by day) and let buyers buy `units` by
    arm.

    Up to four more by chance. Returns the last day.
    """
    standing = "30"
    last = START
    chance = Random(5)
    for day in calendar:
        last = date.fromisoformat(day["on"])
        if until is not None and last > until:
            return until
        price = (lapses or {}).get(day["on"], day["price"]["amount"])
        if Decimal(price) != Decimal(standing):
            observe(store_id, "TENT", price, day_bounds(last, ZONE)[0] + timedelta(hours=1))
            standing = price
        share = (buy_box or {}).get(day["arm"], "0.90")
        sell(store_id, last, units[day["arm"]] + chance.randrange(5), price=price, buy_box=share)
    return last


def note_live(store_id: int, price: str, at: datetime) -> None:
    """Syncs have looked until then, and TENT stands at a price."""
    c.Listing.objects.filter(store_id=store_id, sku="TENT").update(
        price_amount=Decimal(price), ingested_at=at, source_updated_at=at
    )
    c.FeeEstimate.objects.filter(store_id=store_id).update(estimated_on=at.date())
    see(store_id, at)
