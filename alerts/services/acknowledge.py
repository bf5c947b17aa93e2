"""What people do with an alert: acknowledge it for a while, end it by hand, arm a once-alert again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from alerts.engine import lifecycle
from alerts.engine.lifecycle import Decision, Snapshot
from alerts.models import Alert
from alerts.services.escalate import AckClock
from alerts.services.rows import policy_of
from alerts.services.transitions import change
from alerts.types import Policy, Severity
from config.lib import clock
from config.lib.calendars import business_day
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from connectors.records import WorkItemRecord, WorkKind
from connectors.selectors.stores import get_store
from connectors.services.record_facts import record_facts
from connectors.types import Family
from tenants import audit
from tenants.context import current_actor

SOURCE = "alerts.work"
LONGEST = timedelta(days=30)


class AlertStateConflict(Conflict):
    """The alert's state does not allow this; nothing was changed."""

    code = "alert_state_conflict"
    title = gettext_noop("The alert's state does not allow this")
    default_remedy = gettext_noop("Read the alert: `available_transitions` says what can be done with it.")


def acknowledge(*, alert_id: int, version: int, until: datetime, note: str = "") -> None:
    """Answer for a firing alert until an instant, at most 30 days ahead; again later to extend it.

    Until then it is neither repeated nor escalated; afterwards it is told again if it still fires. It is over
    when the alert is. `NotFound`, `PreconditionFailed`, `AlertStateConflict`, `Invalid`.
    """
    now = clock.now()
    if not now < until <= now + LONGEST:
        raise Invalid(errors=[FieldError("/until", "It has to be ahead, at most 30 days.", "not_ahead")])
    with transaction.atomic():
        former = _read(alert_id, version)
        # Facts before news, as everybody else who writes both does: the other way round two may deadlock.
        if former.acknowledged_at is None and former.is_current:
            _note_work(former, now)
        row = _change(former, lambda snapshot, _: lifecycle.acknowledge(snapshot, now, until), now, note)
        Alert.objects.filter(pk=row.pk).update(acknowledged_by=current_actor().label[:150])
        audit.record(
            "alert.acknowledged",
            target=("alert", row.pk),
            before={"state": former.state},
            after={"state": row.state, "until": until.isoformat(), "note": note},
        )


def resolve_by_hand(*, alert_id: int, version: int, reason: str) -> None:
    """End a live alert with a reason; if it still breaches, it is back after the flap hold.

    `NotFound`, `PreconditionFailed`, `AlertStateConflict`.
    """
    now = clock.now()
    with transaction.atomic():
        former = _read(alert_id, version)
        row = _change(former, lambda snapshot, _: lifecycle.resolve(snapshot, now), now, reason)
        Alert.objects.filter(pk=row.pk).update(resolved_why=reason[:500])
        audit.record(
            "alert.resolved_by_hand",
            target=("alert", row.pk),
            before={"state": former.state},
            after={"state": row.state, "reason": reason},
        )


def reset(*, alert_id: int, version: int, note: str = "") -> None:
    """Let a once-alert fire again. `NotFound`, `PreconditionFailed`, `AlertStateConflict`."""
    now = clock.now()
    with transaction.atomic():
        former = _read(alert_id, version)
        row = _change(former, lambda snapshot, _: lifecycle.reset(snapshot), now, note or "reset")
        audit.record("alert.reset", target=("alert", row.pk), after={"state": row.state, "note": note})


def _read(alert_id: int, version: int) -> Alert:
    row = Alert.objects.select_for_update().filter(pk=alert_id).first()
    if row is None:
        raise NotFound(f"There is no alert {alert_id}.")
    if row.version != version:
        raise PreconditionFailed(f"Alert {alert_id} is at version {row.version}.")
    return row


def _change(
    former: Alert, how: Callable[[Snapshot, Policy], Decision | None], now: datetime, note: str
) -> Alert:
    row = change(former.pk, how, now, note=note) if former.is_current else None
    if row is None:
        raise AlertStateConflict(f"Alert {former.pk} is {former.state}.")
    return row


def _note_work(row: Alert, now: datetime) -> None:
    """Record how long the alert waited for its first acknowledgement (the KPI alert_ack_hours)."""
    if row.store_id is None or row.fired_at is None:
        return
    store = get_store(row.store_id)
    due = AckClock().due(row.fired_at, policy_of(row.policy), Severity(row.severity))
    day = business_day(now, store.time_zone)
    record = WorkItemRecord(
        work_key=f"alert_acknowledge:{row.pk}",
        kind=WorkKind.ALERT_ACKNOWLEDGE,
        sku=row.subject.removeprefix("sku:")[:100] if row.subject.startswith("sku:") else "",
        owner=current_actor().label,
        business_on=day,
        started_at=row.fired_at,
        due_at=due,
        finished_at=now,
        is_ok=now <= due,
        source_updated_at=now,
    )
    record_facts(store_id=store.id, records=[record], dataset=Family.WORK, covered=(day, day), source=SOURCE)
