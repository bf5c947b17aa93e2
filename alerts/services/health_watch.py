"""Looks after warnings by itself: opens what figures give, reminds of deadlines, closes what is late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from alerts.engine.health import (
    ON_THE_CLOCK,
    UNSETTLED,
    WarningSource,
    WarningState,
    hours_left,
    reminder_due,
)
from alerts.engine.performance import Finding, judge_policies, judge_verdicts
from alerts.models import HealthWarning
from alerts.services.health import (
    WarningDraft,
    audited,
    expire,
    freeze,
    lock_warning,
    move,
    note_step,
    open_warning,
    save_warning,
)
from alerts.types import Severity
from config.lib import clock
from config.lib.calendars import business_day
from connectors.facts.service import Performance
from connectors.selectors.stores import list_stores
from connectors.types import StoreRef
from kpis.selectors.policies import list_store_policies
from tenants import audit, outbox

# An older report says nothing about today.
_LATEST_REPORT = timedelta(days=7)
_SPOKEN = ("account_status", "document_request", "warning_state")


def watch_performance() -> list[int]:
    """Open a warning for every figure of every store that is beyond its limit or close to it; the new ones.

    Safe to repeat: a figure has one warning until it was fine again after that one was settled.
    """
    opened = []
    for store in list_stores():
        for finding in _findings(store):
            opened += _follow(store, finding)
    return opened


def watch_deadlines() -> int:
    """Remind of every deadline that has come near (each threshold once) and expire what is past; how many."""
    now = clock.now()
    due = HealthWarning.objects.filter(state__in=ON_THE_CLOCK, deadline_at__isnull=False)
    count = 0
    for row in due.order_by("deadline_at", "id").only("id", "deadline_at", "reminded_hours"):
        if row.deadline_at is None:
            continue
        if row.deadline_at <= now:
            count += expire(row.pk)
        elif reminder_due(row.deadline_at, now, row.reminded_hours) is not None:
            count += _remind(row.pk)
    return count


def _remind(warning_id: int) -> bool:
    with transaction.atomic():
        row = lock_warning(warning_id)
        now = clock.now()
        if row.state not in ON_THE_CLOCK or row.deadline_at is None:
            return False
        hours = reminder_due(row.deadline_at, now, row.reminded_hours)
        if hours is None:
            return False
        # Not a change of the warning: whoever edits it at this moment is not to be refused for it.
        row.reminded_hours = hours
        row.save(update_fields=["reminded_hours"])
        told = {
            "warning_id": row.pk,
            "store_id": row.store_id,
            "kind": row.kind,
            "severity": row.severity,
            "deadline_at": row.deadline_at.isoformat(),
            "hours_left": str(hours_left(row.deadline_at, now)),
            "threshold_hours": hours,
        }
        outbox.emit("alerts.deadline_near", told)
        audit.record("health_warning.reminded", target=("health_warning", row.pk), after=told)
    return True


def _findings(store: StoreRef) -> list[Finding]:
    today = business_day(clock.now(), store.time_zone)
    return [
        *judge_policies(list_store_policies(store, today)),
        *judge_verdicts(_spoken(store, today)),
    ]


def _spoken(store: StoreRef, today: date) -> Iterable[dict[str, Any]]:
    """The last report's lists of violations and words on the account."""
    rows = Performance.objects.filter(store_id=store.id, reported_on__gte=today - _LATEST_REPORT)
    last = rows.order_by("-reported_on").values_list("reported_on", flat=True).first()
    if last is None:
        return []
    shown = rows.filter(reported_on=last).order_by("metric", "scope")
    values = shown.values("metric", "scope", "status", "numerator", "reported_on")
    return [dict(row) for row in values if row["metric"] in _SPOKEN or _is_list(row["metric"])]


def _is_list(metric: str) -> bool:
    return metric.endswith(("violations", "complaints", "issues"))


def _follow(store: StoreRef, finding: Finding) -> list[int]:
    row = HealthWarning.objects.filter(
        store_id=store.id, origin=finding.origin, lapsed_at__isnull=True
    ).first()
    if row is None:
        return [] if finding.is_fine else [_open(store, finding)]
    if finding.is_fine:
        _lapse(row.pk)
    elif finding.is_over and row.state in UNSETTLED and not row.fields.get("is_over"):
        _worsen(row.pk, finding)
    return []


def _open(store: StoreRef, finding: Finding) -> int:
    warning, _ = open_warning(
        WarningDraft(
            store_id=store.id,
            kind=finding.kind,
            severity=finding.severity,
            title=finding.title,
            received_at=clock.now(),
            source=WarningSource.REPORT,
            fields=_fields(finding),
            origin=finding.origin,
        )
    )
    return int(warning["id"])


def _fields(finding: Finding) -> dict[str, Any]:
    missing = {"unrecognised": ["deadline"], "notes": ["A figure has no deadline; the platform may set one."]}
    return {"is_over": finding.is_over, "figure": dict(finding.facts), **missing}


def _worsen(warning_id: int, finding: Finding) -> None:
    """What was close is beyond now: the same warning, graver."""
    with transaction.atomic():
        row = lock_warning(warning_id)
        before = audited(row)
        row.title, row.fields = finding.title[:500], _fields(finding)
        if finding.severity is Severity.CRITICAL:
            row.severity = finding.severity.value
        note_step(row, row.state, finding.title)
        freeze(row)
        save_warning(row, "worsened", before)


def _lapse(warning_id: int) -> None:
    """The figure is fine again: a settled warning makes room for the next; one nobody began is dismissed.

    What somebody works on stays theirs, and what froze a store stays until a person has looked.
    """
    with transaction.atomic():
        row = lock_warning(warning_id)
        is_light = row.state == WarningState.RECEIVED.value and row.severity != Severity.CRITICAL.value
        if row.state in UNSETTLED and not is_light:
            return
        before = audited(row)
        if is_light:
            move(row, WarningState.DISMISSED, "the figure is inside its limit again")
        row.lapsed_at = clock.now()
        save_warning(row, "lapsed", before)
