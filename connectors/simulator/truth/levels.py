"""The true levels behind the KPIs: stock, its age, standing with Amazon and buyers, prices, rates."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from connectors.simulator.truth.costs import NoRate
from connectors.simulator.truth.measures import Measures, Window


def stock(window: Window) -> Measures:
    """SKU-days in and out of stock, and the mean value of what is held over the days that are known.

    Days before today come from the ledger; today counts only if the present stock was asked for.
    """
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    worth: dict[date, Decimal] = {}
    day = max(window.first, window.world.start)
    while day <= min(window.last, window.today):
        for product in window.store.products:
            held = _held(window, product.sku, day)
            if held is None:
                continue
            free, reserved = held
            landed, _ = window.costs.unit(product.sku, day)
            worth[day] = worth.get(day, Decimal(0)) + (free + reserved) * landed
            if product.active:
                found["sku_days"] += 1
                found["stockout_sku_days"] += free == 0
        day += timedelta(days=1)
    if worth:
        found["inventory_cost"] = sum(worth.values(), Decimal(0)) / len(worth)
    return found


def _held(window: Window, sku: str, day: date) -> tuple[int, int] | None:
    if day < window.today:
        return window.store.stock[sku].days[day].end, 0
    told = window.observed.stock_now.get((day, sku))
    if told is None:
        return None
    free, _, reserved, _ = told.split("|")
    return int(free), int(reserved)


def age(window: Window) -> Measures:
    """The last age report that speaks of a day in the window."""
    days = [day for day in window.observed.planning if window.has(day)]
    if not days:
        return {}
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    day = max(days)
    for product in window.store.products:
        buckets = window.world.ages(window.store, product.sku, day)
        landed, _ = window.costs.unit(product.sku, day)
        found["aged_stock_units"] += sum(buckets)
        found["aged_stock_cost"] += sum(buckets) * landed
        found["aged_90_cost"] += sum(buckets[1:]) * landed
        found["aged_180_units"] += sum(buckets[2:])
    return found


def standing(window: Window) -> Measures:
    """Amazon's own rates as last reported in the window (the worse of both networks), and buyers' ratings."""
    found: Measures = {}
    days = [day for day in window.observed.health if window.has(day)]
    if days:
        health = window.world.health(window.store, max(days))
        found["odr"] = max(health.odr_afn.rate, health.odr_mfn.rate)
        found["late_shipment_rate"] = health.late_shipment.rate
    ratings = [
        feedback.rating
        for feedback in window.store.feedback
        if feedback.at <= window.at and window.has(window.store.today(feedback.at))
    ]
    found["feedback_stars"], found["feedback_count"] = Decimal(sum(ratings)), Decimal(len(ratings))
    return found


def prices(window: Window) -> Measures:
    """Our landed price against the lowest rival's, over the product-days that were looked at."""
    total, count = Decimal(0), 0
    products = {product.asin: product for product in window.store.products}
    for day, asin in window.observed.offers:
        if not window.has(day):
            continue
        offers = window.world.offers(window.store, products[asin], day)
        own = [offer.landed for offer in offers if offer.own]
        rivals = [offer.landed for offer in offers if not offer.own]
        if own and rivals:
            total += (min(own) / min(rivals)).ln()
            count += 1
    return {"price_log_sum": total, "price_comparisons": Decimal(count)}


def exchange(window: Window, quote: str) -> Measures:
    """Units of the store's currency for one `quote`, at the end of the window and on the day before it."""
    currency = window.store.market.currency
    if currency == quote:
        return {}
    try:
        return {
            "fx_level": window.costs.rate(quote, currency, min(window.last, window.today)),
            "fx_level_before": window.costs.rate(quote, currency, window.first - timedelta(days=1)),
        }
    except NoRate:
        return {}
