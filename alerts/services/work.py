"""Makes alerts somebody's work: opens the action, sees whether the figure recovers, and asks again if not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from alerts.engine.work import DEPARTMENT_OF, RELAPSE, SETTLE, WorkState, is_to_rise, kpi_of
from alerts.models import Alert, AlertWork
from alerts.selectors.agreement import Agreements
from alerts.selectors.rosters import on_duty
from alerts.selectors.work import get_work
from alerts.types import LIVE_STATES, AlertState, Severity
from config.lib import clock
from config.lib.calendars import business_day
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, gettext_noop
from connectors.selectors.stores import get_store
from kpis.selectors.actions import get_action
from kpis.selectors.assignments import list_assignments
from kpis.selectors.definitions import get_definition
from kpis.services.actions import ActionDraft, Department, EffectDirection, create_action
from kpis.types import Position
from tenants import audit, outbox
from tenants.context import current_actor

WORK_CHANGED = "alerts.work_changed"
_LIVE = [state.value for state in LIVE_STATES]
_ASKING = (Severity.WARNING.value, Severity.CRITICAL.value)


class AlertNotLive(Conflict):
    """Nothing needs to be done about an alert that is over."""

    code = "alert_not_live"
    title = gettext_noop("The alert is over")


@dataclass(frozen=True, slots=True)
class _Owner:
    position: Position
    user_id: int | None
    name: str


def open_work(*, alert_id: int, kpi: str = "", title: str = "") -> tuple[Mapping[str, Any], bool]:
    """Open the action for a live alert; False when it has one that is still open.

    The owner is whoever answers for the KPI in that store, the day the one by which the contract promises an
    answer. `Invalid` when the alert tells neither KPI nor store and the caller names no KPI.
    """
    with transaction.atomic():
        row = Alert.objects.select_for_update().filter(pk=alert_id).first()
        if row is None:
            raise NotFound(f"There is no alert {alert_id}.")
        present = AlertWork.objects.filter(alert_id=alert_id, state=WorkState.OPEN.value).first()
        if present is not None:
            return get_work(present.pk), False
        if row.state not in _LIVE:
            raise AlertNotLive(f"Alert {alert_id} is {row.state}.")
        about = kpi or kpi_of(row.subject, row.detector)
        if about is None or row.store_id is None:
            told = "The alert names no KPI of a store: say which figure the action is to move."
            raise Invalid(errors=[FieldError("/kpi", told, "required")])
        made = _open(row, about, title, follows=_relapsed(row))
    return get_work(made.pk), True


def open_work_for(alert_ids: Collection[int]) -> list[int]:
    """Open the work of those of these alerts that fire, ask for something and say about which KPI."""
    opened = []
    firing = Alert.objects.filter(
        pk__in=list(alert_ids),
        state=AlertState.FIRING.value,
        severity__in=_ASKING,
        store_id__isnull=False,
        action_id=None,
    )
    for row in firing.order_by("id"):
        if kpi_of(row.subject, row.detector) is not None:
            work, is_new = open_work(alert_id=row.pk)
            opened += [int(work["id"])] if is_new else []
    return opened


def note_recoveries(alert_ids: Collection[int]) -> list[int]:
    """Close the open work of those of these alerts that are over, with the figure then and now."""
    closed = []
    over = Alert.objects.filter(pk__in=list(alert_ids), state=AlertState.RESOLVED.value)
    for row in over.order_by("id"):
        with transaction.atomic():
            work = AlertWork.objects.select_for_update().filter(alert_id=row.pk, state=WorkState.OPEN).first()
            if work is None:
                continue
            done = get_action(work.action_id)["done_at"]
            work.value_after = row.observed
            told = "recovered after the action was done" if done else "recovered before the action was done"
            _close(work, WorkState.RECOVERED, f"{told}; {row.resolved_why}")
        closed.append(work.pk)
    return closed


def verify_work() -> list[int]:
    """Ask again where an action is done for two days and its alert still stands; the new work's ids.

    The next action goes one step up: to whoever is second on duty for the store, or its account manager.
    """
    now, opened = clock.now(), []
    for work_id in (
        AlertWork.objects.filter(state=WorkState.OPEN.value).order_by("id").values_list("id", flat=True)
    ):
        with transaction.atomic():
            work = AlertWork.objects.select_for_update().get(pk=work_id)
            done_at = get_action(work.action_id)["done_at"]
            row = Alert.objects.select_for_update().filter(pk=work.alert_id).first()
            is_due = done_at is not None and done_at + SETTLE <= now
            if work.state != WorkState.OPEN.value or row is None or row.state not in _LIVE or not is_due:
                continue
            work.value_after = row.observed
            _close(work, WorkState.FAILED, "the action is done and the alert still stands")
            opened.append(_open(row, work.kpi, "", follows=work).pk)
    return opened


def _open(row: Alert, kpi: str, title: str, *, follows: AlertWork | None) -> AlertWork:
    if row.store_id is None:
        raise ValueError(f"alert {row.pk} is about no store")
    now = clock.now()
    store = get_store(row.store_id)
    definition = get_definition(kpi)
    due_at = Agreements().at(now).due(now)
    owner = _owner(store.id, kpi, definition.position, now, business_day(now, store.time_zone), follows)
    again = "" if follows is None else "Again: "
    rises = is_to_rise(definition.direction, row.observed, row.limit)
    action = create_action(
        ActionDraft(
            title=(title or f"{again}{row.rule_title}: {row.subject}")[:200],
            description=f"{row.basis}\nAlert {row.pk} of rule {row.rule_key}.",
            kpi=kpi,
            store_ids=[store.id],
            skus=[row.subject.partition(":")[2]] if row.subject.startswith("sku:") else [],
            department=Department(DEPARTMENT_OF[owner.position]),
            owner=owner.name or owner.position.value,
            owner_id=owner.user_id,
            due_on=business_day(due_at, store.time_zone),
            direction=EffectDirection.UP if rises else EffectDirection.DOWN,
        )
    )
    last = AlertWork.objects.filter(alert_id=row.pk).order_by("-round").first()
    work = AlertWork.objects.create(
        alert_id=row.pk,
        fingerprint=row.fingerprint,
        round=1 if last is None else last.round + 1,
        follows_id=None if follows is None else follows.pk,
        action_id=action["id"],
        store_id=store.id,
        kpi=kpi,
        state=WorkState.OPEN.value,
        is_escalated=follows is not None,
        due_at=due_at,
        value_before=row.observed,
        opened_at=now,
        opened_by=current_actor().label,
    )
    Alert.objects.filter(pk=row.pk).update(action_id=action["id"])
    _tell(work)
    return work


def _relapsed(row: Alert) -> AlertWork | None:
    """The last work on the same subject, if it ended so lately that it did not hold."""
    return (
        AlertWork.objects.filter(
            fingerprint=row.fingerprint,
            state=WorkState.RECOVERED.value,
            closed_at__gte=clock.now() - RELAPSE,
        )
        .order_by("-id")
        .first()
    )


def _owner(
    store_id: int, kpi: str, position: Position, at: datetime, on: date, follows: AlertWork | None
) -> _Owner:
    if follows is not None:
        upper = on_duty(store_id, Position.ACCOUNT_MANAGER.value, at, level=2)
        return _Owner(Position.ACCOUNT_MANAGER, upper[0] if upper else None, "")
    shares = list_assignments(on, store_ids=[store_id], kpis=[kpi])
    if not shares:
        return _Owner(position, None, "")
    first = max(shares, key=lambda each: each.share)
    return _Owner(first.position, first.user_id, first.person)


def _close(work: AlertWork, to: WorkState, note: str) -> None:
    work.state, work.closed_at, work.note = to.value, clock.now(), note[:500]
    work.save()
    _tell(work)


def _tell(work: AlertWork) -> None:
    told = {
        "work_id": work.pk,
        "alert_id": work.alert_id,
        "action_id": work.action_id,
        "state": work.state,
        "is_escalated": work.is_escalated,
    }
    outbox.emit(WORK_CHANGED, told)
    audit.record(f"alert_work.{work.state}", target=("alert_work", work.pk), after=told)
