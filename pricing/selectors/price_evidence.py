"""What a listing cost day by day, as syncs observed it, and the evidence for a former price."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from config.lib.calendars import business_day, day_bounds
from config.lib.errors import FieldError, Invalid
from connectors.selectors.freshness import list_freshness
from connectors.types import StoreRef
from pricing.engine.double_pricing import STANDARDS, Evidence, judge_former_price
from pricing.engine.effective_price import effective_price
from pricing.engine.price_history import DatedPrice, PriceHistory, PriceKind
from pricing.engine.promotions import PromotionState, window_of
from pricing.models import PromotionItem
from pricing.selectors.history import price_series
from pricing.selectors.price_facts import list_facts, minor_unit, require_listing

DAY = timedelta(days=1)
PRICE_STREAMS = ("listings", "offers")
_KEPT_DAYS = 400


def seen_through(store: StoreRef) -> datetime | None:
    """Until when syncs have seen this store's prices; None: never."""
    states = list_freshness([store.id], PRICE_STREAMS)
    return max((state.data_as_of for state in states if state.data_as_of is not None), default=None)


def load_history(store: StoreRef, sku: str, first: date, last: date) -> PriceHistory:
    """Return the prices shown on each shop day from `first` to `last`, both included.

    A price stands until a sync sees another one, at most until syncs last looked at prices; days before the
    first observation are left out. A day on which the price changed has both. Days of a promotion or deal of
    ours are marked as such; `effective` is what coupons and points of the day's noon leave of the price.
    """
    points = price_series(store.id, sku, first, last)
    seen = seen_through(store)
    known = max(
        [point.business_on for point in points] + ([business_day(seen, store.time_zone)] if seen else []),
        default=None,
    )
    if not points or known is None:
        return PriceHistory()
    last = min(last, known)
    start, end = day_bounds(first, store.time_zone)[0], day_bounds(last, store.time_zone)[1]
    facts = list_facts(store.id, sku, start, end)
    kinds = _promotion_days(store, sku, first, last)
    minor = minor_unit(store.currency)
    shown: dict[str, Decimal] = {}
    found: list[DatedPrice] = []
    queue = list(points)
    day = first
    while day <= last:
        prices = set(shown.values())
        while queue and queue[0].business_on <= day:
            point = queue.pop(0)
            shown[point.kind] = point.amount
            if point.business_on == day:
                prices.add(point.amount)
            else:
                prices = set(shown.values())
        noon = datetime.combine(day, time(12), tzinfo=UTC)
        for price in sorted(prices):
            effective = effective_price(facts, noon, base=price, minor=minor)
            paid = None if effective is None or not facts else effective.effective
            found.append(DatedPrice(day, price, kinds.get(day, PriceKind.BASE), paid))
        day += DAY
    return PriceHistory(tuple(found))


def get_evidence(store_id: int, sku: str, *, reference: Decimal, on: date) -> tuple[StoreRef, Evidence]:
    """Return whether `reference` may be shown as a former price on a day, with every day that was counted.

    `NotFound` for an unknown listing, `Invalid` for a market whose standard is not known.
    """
    store = require_listing(store_id, sku)
    if store.market not in STANDARDS:
        detail = f"Former prices are judged in {', '.join(STANDARDS)}."
        raise Invalid(errors=[FieldError("/store_id", detail, "market")])
    history = load_history(store, sku, on - _KEPT_DAYS * DAY, on - DAY)
    return store, judge_former_price(store.market, history, reference, on)


def evidence_body(store: StoreRef, sku: str, found: Evidence) -> dict[str, Any]:
    """Say the evidence in plain values with the SHA-256 of its canonical JSON, for a person to keep."""
    body: dict[str, Any] = {
        "store_id": store.id,
        "sku": sku,
        "market": found.market,
        "reference_price": {"amount": str(found.price), "currency": store.currency},
        "on": found.on.isoformat(),
        "may_show": found.may_show,
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "days_counted": len(found.counted),
        "days_on_sale": len(found.sold),
        "days_since": found.days_since,
        "counted": [day.isoformat() for day in found.counted],
        "sold": [day.isoformat() for day in found.sold],
        "law": found.standard.law,
        "confidence": found.standard.confidence.value,
        "reading": found.standard.reading,
        "reasons": [
            {"code": each.code, "text": each.text, "values": dict(each.values)} for each in found.reasons
        ],
    }
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {**body, "sha256": hashlib.sha256(canonical.encode()).hexdigest()}


def _promotion_days(store: StoreRef, sku: str, first: date, last: date) -> dict[date, PriceKind]:
    rows = PromotionItem.objects.filter(store_id=store.id, sku=sku).exclude(
        promotion__state__in=[PromotionState.PLANNED.value, PromotionState.CANCELLED.value]
    )
    found: dict[date, PriceKind] = {}
    for kind, starts, ends in rows.values_list(
        "promotion__kind", "promotion__starts_at", "promotion__ends_at"
    ):
        for day in window_of(starts, ends, store.time_zone).days:
            if first <= day <= last:
                found[day] = PriceKind(kind)
    return found
