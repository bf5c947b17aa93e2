"""Checks of prices that the product counts every day: below the floor, away from the base, sold too cheaply.

They go the way of every other fact, so the KPIs `below_floor_skus`, `price_deviation_pct` and
`margin_floor_breach_rate` have days and histories. Noting a day twice replaces it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from config.lib import clock
from config.lib.calendars import business_day
from connectors.records import EvidenceRecord
from connectors.selectors.stores import get_store
from connectors.services.record_facts import record_facts
from connectors.types import Family
from pricing.engine.contribution import keeps
from pricing.selectors.context import load_contexts
from pricing.selectors.price_checks import Sale, base_prices, list_sales
from pricing.types import PricingContext, Tier

SOURCE = "pricing.own_figures"
SALES_DAYS = 3
_RATER = "product"
_ONE = Decimal(1)


def record_price_checks(store_id: int) -> int:
    """Note today's checks of a store's prices; returns how many facts changed. `NotFound`.

    Listings without a price or with a cost that nobody knows are not judged, and neither is clearance. Orders
    of the last three shop days are judged by what their lines cost today.
    """
    store = get_store(store_id)
    now = clock.now()
    today = business_day(now, store.time_zone)
    contexts = load_contexts(store_id=store_id)
    judged = [each for each in contexts if not each.missing and each.tier is not Tier.CLEARANCE]
    records = [
        *_below_floor(judged, today, now),
        *_deviations(contexts, base_prices(store_id, now), today, now),
        *_breaches(judged, list_sales(store_id, today - timedelta(days=SALES_DAYS - 1), today), now),
    ]
    if not records:
        return 0
    result = record_facts(
        store_id=store_id, records=records, dataset=Family.EVIDENCE, covered=None, source=SOURCE
    )
    return result.inserted + result.changed


def _below_floor(contexts: Sequence[PricingContext], today: date, now: datetime) -> Iterator[EvidenceRecord]:
    for each in contexts:
        if each.price:
            is_below = not keeps(each.structure, each.price, each.floor_margin)
            yield _evidence("below_floor_skus", each.sku, today, now, Decimal(is_below), _ONE)


def _deviations(
    contexts: Sequence[PricingContext], base: Mapping[str, Decimal], today: date, now: datetime
) -> Iterator[EvidenceRecord]:
    for each in contexts:
        if each.price and base.get(each.sku):
            off = each.price - base[each.sku]
            yield _evidence("price_deviation_pct", each.sku, today, now, off, base[each.sku])


def _breaches(
    contexts: Sequence[PricingContext], sales: Sequence[Sale], now: datetime
) -> Iterator[EvidenceRecord]:
    """One check per day: orders with a line below the margin floor, of the orders that could be judged."""
    known = {each.sku: each for each in contexts}
    orders: dict[date, dict[str, bool]] = {}
    for sale in sales:
        context = known.get(sale.sku)
        if context is None:
            continue
        shown = sale.unit_net * (_ONE + context.structure.tax_rate)
        is_breach = shown <= 0 or not keeps(context.structure, shown, context.floor_margin)
        day = orders.setdefault(sale.business_on, {})
        day[sale.order_id] = day.get(sale.order_id, False) or is_breach
    for on, found in orders.items():
        breaches, checked = Decimal(sum(found.values())), Decimal(len(found))
        yield _evidence("margin_floor_breach_rate", "orders", on, now, breaches, checked)


def _evidence(
    metric: str, subject: str, on: date, now: datetime, numerator: Decimal, denominator: Decimal
) -> EvidenceRecord:
    return EvidenceRecord(
        metric=metric,
        subject=subject,
        observed_on=on,
        numerator=numerator,
        denominator=denominator,
        rater=_RATER,
        attachment_sha256="",
        expires_on=on + timedelta(days=1),
        source_updated_at=now,
    )
