"""What syncs saw of our prices: approved ones carried out or not, others changed by somebody else.

Nobody reports a price as set; only a synced listing or offer proves it. The work is idempotent: what was
noted once is not noted again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import connection, transaction

from config.lib import clock
from config.lib.calendars import business_day
from config.lib.money import exponent
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from pricing.engine.execution import classify, is_drastic, is_on_price
from pricing.models import PriceExecution, PriceObservation, Recommendation
from pricing.selectors.approvals import get_policy
from pricing.selectors.history import prices_at
from pricing.selectors.locks import locks_of
from pricing.selectors.sightings import Noted, Sighting, last_noted, list_sightings
from pricing.services.locks import set_lock
from pricing.services.outcomes import open_window
from pricing.services.transitions import move
from pricing.services.work import note_changes, note_executions
from pricing.types import LIVE_STATES, LockKind, RecommendationState
from tenants import audit, outbox
from tenants.context import require_client

DAYS_BACK = 4
MOVED = "pricing.price_moved"
_S = RecommendationState
_CHECKED = (_S.APPROVED, _S.EXECUTED, _S.PARTIAL, _S.DEVIATED, _S.EXPIRED)


@dataclass(frozen=True, slots=True)
class ObserveResult:
    """What one look at the facts found, in numbers of prices and of recommendations."""

    observed: int = 0
    changes: int = 0
    executed: int = 0
    partial: int = 0
    deviated: int = 0
    external: int = 0
    frozen: int = 0
    checked: int = 0


def observe_prices(store_id: int) -> ObserveResult:
    """Note every own price that is new in the facts, and what it means for recommendations.

    An approved price is executed (± one tick), partial (part of the way) or deviated; a pending suggestion
    whose price somebody changed is closed as an external change; one of more than 40 % that nobody approved
    freezes the listing. Then the approved prices whose time has come are checked. `NotFound`.
    """
    store = get_store(store_id)
    with transaction.atomic():
        _one_at_a_time(store_id)
        counted: Counter[str] = Counter()
        since = business_day(clock.now(), store.time_zone) - timedelta(days=DAYS_BACK)
        fresh = _note(store, list_sightings(store_id, since))
        for row in fresh:
            counted.update(_apply(store, row) if row.is_change else [])
        changes = [row for row in fresh if row.is_change]
        note_changes(store, changes)
        checked = _check_executions(store)
        if fresh:
            audit.record(
                "prices.observed",
                target=("store", store_id),
                after={"observed": len(fresh), "changes": len(changes), **counted},
            )
    return ObserveResult(
        observed=len(fresh),
        changes=len(changes),
        executed=counted["executed"],
        partial=counted["partial"],
        deviated=counted["deviated"],
        external=counted["external"],
        frozen=counted["frozen"],
        checked=checked,
    )


def _note(store: StoreRef, sightings: list[Sighting]) -> list[PriceObservation]:
    """Store what is new among the sightings, the oldest first."""
    known = last_noted(store.id, sorted({each.sku for each in sightings}))
    rows = []
    for each in sightings:
        place, other = (each.sku, each.kind), (each.sku, "offer" if each.kind == "listing" else "listing")
        before = known.get(place)
        if before is not None and before.amount == each.amount:
            continue
        at = each.observed_at
        if before is not None and at <= before.observed_at:
            at = before.observed_at + timedelta(microseconds=1)
        rows.append(
            PriceObservation(
                store_id=store.id,
                sku=each.sku,
                kind=each.kind,
                amount=each.amount,
                previous_amount=None if before is None else before.amount,
                currency=each.currency,
                observed_at=at,
                business_on=business_day(at, store.time_zone),
                is_change=before is not None and not _is_echo(known.get(other), before, each.amount),
                run_id=each.run_id,
                noted_at=clock.now(),
            )
        )
        known[place] = Noted(each.amount, at)
    PriceObservation.objects.bulk_create(rows, batch_size=1000)
    return rows


def _is_echo(other: Noted | None, before: Noted, amount: Decimal) -> bool:
    """Whether the other kind showed this very price already, after this kind last said something else."""
    return other is not None and other.amount == amount and other.observed_at > before.observed_at


def _apply(store: StoreRef, seen: PriceObservation) -> list[str]:
    """What a change means for the listing's recommendation; returns what to count."""
    row = _concerned(store, seen)
    found: list[str] = []
    is_approved = False
    if row is None:
        found.append("external")
    elif row.state in (_S.OPEN.value, _S.ESCALATED.value):
        move(row.pk, _S.EXTERNAL_CHANGE, reason=_told(seen), amount=seen.amount, at=seen.observed_at)
        found.append("external")
    else:
        found.append(_carried_out(row, seen, store))
        is_approved = found[0] != "deviated"
    if not is_approved:
        found.extend(_external(store, seen))
    return found


def _concerned(store: StoreRef, seen: PriceObservation) -> Recommendation | None:
    """The listing's live recommendation; else its last one, if it was carried out wrongly and is right."""
    rows = Recommendation.objects.select_for_update().filter(store_id=store.id, sku=seen.sku)
    live = rows.filter(state__in=LIVE_STATES).first()
    if live is not None:
        return live
    last = rows.order_by("-id").first()
    if last is None or last.state not in (_S.PARTIAL.value, _S.DEVIATED.value) or last.approved_at is None:
        return None
    days = get_policy(store.id, seen.business_on).policy.execution_days
    in_time = seen.observed_at <= last.approved_at + timedelta(days=days)
    return last if in_time and _result(last, seen, store) is _S.EXECUTED else None


def _carried_out(row: Recommendation, seen: PriceObservation, store: StoreRef) -> str:
    result = _result(row, seen, store)
    move(row.pk, result, reason=_told(seen), amount=seen.amount, at=seen.observed_at)
    seen.recommendation_id = row.pk
    seen.save(update_fields=["recommendation_id"])
    pending = PriceExecution.objects.filter(recommendation_id=row.pk, changed_at__isnull=True)
    if pending.update(changed_at=seen.observed_at):
        note_executions(store, list(PriceExecution.objects.filter(recommendation_id=row.pk)))
    if result is _S.EXECUTED:
        open_window(recommendation_id=row.pk)
    return result.value


def _result(row: Recommendation, seen: PriceObservation, store: StoreRef) -> RecommendationState:
    approved = row.suggested_amount if row.approved_amount is None else row.approved_amount
    tick = Decimal(1).scaleb(-exponent(store.currency))
    return classify(row.current_amount, approved, seen.amount, tick)


def _external(store: StoreRef, seen: PriceObservation) -> list[str]:
    """Tell of a change nobody approved; freeze the listing after a drastic one outside of promotions."""
    locks = locks_of(store.id, [seen.sku], clock.now()).get(seen.sku, ())
    kinds = {lock.kind for lock in locks}
    is_frozen = is_drastic(seen.previous_amount, seen.amount) and LockKind.PROMOTION not in kinds
    if is_frozen and LockKind.FREEZE not in kinds:
        reason = f"The price went {_told(seen)} without an approval, by more than 40 %."
        set_lock(store_id=store.id, sku=seen.sku, kind=LockKind.FREEZE, reason=reason)
    outbox.emit(
        MOVED,
        {
            "store_id": store.id,
            "sku": seen.sku,
            "before": None if seen.previous_amount is None else str(seen.previous_amount),
            "after": str(seen.amount),
            "currency": seen.currency,
            "is_frozen": is_frozen,
        },
    )
    return ["frozen"] if is_frozen else []


def _check_executions(store: StoreRef) -> int:
    """Compare the approved prices whose time has come with what was live then; each once."""
    now = clock.now()
    due = list(
        PriceExecution.objects.select_for_update().filter(
            store_id=store.id, is_ok__isnull=True, check_at__lte=now
        )
    )
    approved = {
        row.pk: row
        for row in Recommendation.objects.filter(
            pk__in=[each.recommendation_id for each in due], state__in=_CHECKED
        ).only("approved_amount", "suggested_amount")
    }
    checked = []
    for each in due:
        row = approved.get(each.recommendation_id)
        live = prices_at(store.id, [each.sku], each.check_at).get(each.sku)
        if row is None or live is None:
            continue
        each.live_amount = live
        each.is_ok = is_on_price(row.approved_amount or row.suggested_amount, live)
        each.save(update_fields=["live_amount", "is_ok"])
        checked.append(each)
    note_executions(store, checked)
    return len(checked)


def _one_at_a_time(store_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"pricing.observe:{require_client().id}:{store_id}"],
        )


def _told(seen: PriceObservation) -> str:
    before = "?" if seen.previous_amount is None else f"{seen.previous_amount.normalize():f}"
    return f"from {before} to {seen.amount.normalize():f} {seen.currency}"
