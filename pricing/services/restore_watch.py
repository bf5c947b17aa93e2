"""Watching promotions: they begin and end by the clock, but are restored only when observed prices prove it.

A promotion that ended waits until a sync has seen each of its prices back (at most 0.5 % below the price to
be restored). Where a price that was seen after the deadline is not back, that is an alarm: news goes out, the
restoring price is suggested, and the promotion is `not_restored` until it is seen back after all. Where no
sync has looked since, nothing is claimed: the alarm says that it could not be verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from config.lib import clock
from config.lib.calendars import business_day
from connectors.records import EventKind, EventRecord, WorkItemRecord, WorkKind
from connectors.selectors.stores import get_store
from connectors.services.record_facts import record_facts
from connectors.types import StoreRef
from pricing.engine.promotions import PromotionState, is_back
from pricing.models import Promotion, PromotionItem
from pricing.selectors.context import load_contexts
from pricing.selectors.history import price_series, prices_at
from pricing.selectors.price_evidence import seen_through
from pricing.selectors.promotions import list_due
from pricing.services.promotions import lock_promotion, step
from pricing.services.proposals import BelowFloor, propose
from pricing.types import ProposalKind, Reason
from tenants import audit, outbox

EVENT = "pricing.promotion_not_restored"
SOURCE = "pricing.restore_watch"


@dataclass(frozen=True, slots=True)
class Watched:
    """What a round of watching did, in numbers of promotions and (alarms) of listings."""

    started: int = 0
    ended: int = 0
    restored: int = 0
    not_restored: int = 0
    alarms: int = 0


def watch_promotions() -> Watched:
    """Take every promotion of the client as far as the clock and observed prices allow; safe to repeat."""
    totals = Watched()
    for promotion_id in list_due(clock.now()):
        done = watch_promotion(promotion_id)
        totals = Watched(*(getattr(totals, name) + getattr(done, name) for name in Watched.__slots__))
    return totals


def watch_promotion(promotion_id: int) -> Watched:
    """Take one promotion as far as the clock and observed prices allow, in one transaction."""
    now = clock.now()
    started = ended = 0
    with transaction.atomic():
        row = lock_promotion(promotion_id)
        store = get_store(row.store_id)
        if row.state == PromotionState.PLANNED and row.starts_at <= now:
            step(row, PromotionState.RUNNING)
            _note_event(row, store)
            started = 1
        if row.state == PromotionState.RUNNING and row.ends_at <= now:
            step(row, PromotionState.ENDED)
            ended = 1
        if row.state not in (PromotionState.ENDED, PromotionState.NOT_RESTORED):
            return Watched(started, ended)
        alarms = _look(row, store, now)
        states = list(row.items.values_list("is_restored", flat=True))
        restored = failed = 0
        if all(states):
            step(row, PromotionState.RESTORED)
            restored = 1
        elif row.state == PromotionState.ENDED and any(state is False for state in states):
            step(row, PromotionState.NOT_RESTORED)
            failed = 1
    return Watched(started, ended, restored, failed, alarms)


def _look(row: Promotion, store: StoreRef, now: datetime) -> int:
    """Compare the observed price of every listing not proved to be back; returns the alarms raised."""
    items = list(row.items.exclude(is_restored=True).order_by("sku"))
    seen = seen_through(store)
    deadline = row.ends_at + timedelta(hours=row.restore_hours)
    prices = prices_at(store.id, [item.sku for item in items], now)
    alarms = 0
    for item in items:
        item.checked_at, item.observed_amount = now, prices.get(item.sku)
        back_at = _back_since(row, item, store, seen)
        if back_at is not None:
            first_verdict = item.is_restored is None
            item.is_restored, item.restored_at = True, back_at
            item.save()
            if first_verdict:
                _note_work(
                    row, item, store, is_ok=back_at <= deadline, finished_at=back_at, deadline=deadline
                )
        elif now >= deadline:
            was_seen = seen is not None and seen >= deadline
            if was_seen and item.is_restored is None:
                # The first verdict is told even where an alarm without proof went out before.
                item.is_restored, item.alarmed_at = False, None
                _note_work(row, item, store, is_ok=False, finished_at=None, deadline=deadline)
            alarms += _alarm(row, item, store, now, was_seen=was_seen)
            item.save()
        else:
            item.save()
    return alarms


def _back_since(
    row: Promotion, item: PromotionItem, store: StoreRef, seen: datetime | None
) -> datetime | None:
    """Since when, after the end, the price is back and stays so; None while no sync has seen that.

    The price that stood when the promotion ended counts too, once a sync has looked after the end.
    """
    if seen is None or seen < row.ends_at:
        return None
    first = business_day(row.ends_at, store.time_zone)
    points = price_series(store.id, item.sku, first, business_day(seen, store.time_zone))
    since: datetime | None = None
    shown: dict[str, Decimal] = {}
    for point in points:
        if point.observed_at > seen:
            break
        shown[point.kind] = point.amount
        if not all(is_back(amount, item.restore_amount) for amount in shown.values()):
            since = None
        elif since is None:
            since = max(point.observed_at, row.ends_at)
    return since


def _alarm(row: Promotion, item: PromotionItem, store: StoreRef, now: datetime, *, was_seen: bool) -> int:
    """Tell once that a price is not back, or could not be seen; suggest the price where it was seen."""
    if was_seen and item.recommendation_id is None:
        item.recommendation_id = _suggest(row, item, store)
    if item.alarmed_at is not None:
        return 0
    item.alarmed_at = now
    observed = None if item.observed_amount is None else str(item.observed_amount)
    outbox.emit(
        EVENT,
        {
            "promotion_id": row.pk,
            "store_id": store.id,
            "sku": item.sku,
            "restore_amount": str(item.restore_amount),
            "observed_amount": observed if was_seen else None,
            "currency": row.currency,
            "is_verified": was_seen,
            "recommendation_id": item.recommendation_id,
        },
    )
    audit.record(
        "promotion.price_not_back",
        target=("promotion", row.pk),
        after={"sku": item.sku, "observed": observed, "is_verified": was_seen},
    )
    return 1


def _suggest(row: Promotion, item: PromotionItem, store: StoreRef) -> int | None:
    """Suggest the price to be restored; None where the listing is gone or it keeps its floor no more."""
    contexts = load_contexts(store_id=store.id, skus=[item.sku])
    if not contexts:
        return None
    values = {
        "promotion": str(row.pk),
        "ended_at": row.ends_at.isoformat(),
        "restore": str(item.restore_amount),
    }
    text = f"the promotion {row.name} is over and the price is not back"
    try:
        return propose(
            context=contexts[0],
            kind=ProposalKind.PROMOTION,
            price=item.restore_amount,
            reasons=[Reason("promotion_over", text, values)],
            source_id=row.pk,
        )
    except BelowFloor:
        # Costs have risen since it was planned: which price is right then, the rules of the listing decide.
        return None


def _note_work(
    row: Promotion,
    item: PromotionItem,
    store: StoreRef,
    *,
    is_ok: bool,
    finished_at: datetime | None,
    deadline: datetime,
) -> None:
    """Tell the team's KPI (promo_restore_on_time): one work item per listing, on time or not."""
    ended_on = business_day(row.ends_at, store.time_zone)
    done_on = business_day(finished_at or deadline, store.time_zone)
    record = WorkItemRecord(
        work_key=f"promotion:{row.pk}:{item.sku}"[:120],
        kind=WorkKind.PROMOTION_RESTORE,
        sku=item.sku,
        owner=row.planned_by,
        business_on=done_on,
        started_at=row.ends_at,
        due_at=deadline,
        finished_at=finished_at,
        is_ok=is_ok,
        source_updated_at=clock.now(),
    )
    record_facts(
        store_id=store.id, records=[record], dataset="work", covered=(ended_on, done_on), source=SOURCE
    )


def _note_event(row: Promotion, store: StoreRef) -> None:
    """Put the promotion among the happenings that may explain a move of figures."""
    records = [
        EventRecord(
            event_key=f"promotion:{row.pk}:{item.sku}"[:120],
            kind=EventKind.PROMOTION,
            sku=item.sku,
            business_on=business_day(row.starts_at, store.time_zone),
            occurred_at=row.starts_at,
            ended_at=row.ends_at,
            title=row.name,
            source_updated_at=clock.now(),
        )
        for item in row.items.order_by("sku")
    ]
    record_facts(store_id=store.id, records=records, dataset="events", covered=None, source=SOURCE)
