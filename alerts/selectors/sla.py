"""The clocks of the contract's promise: which run, and which were kept.

A clock starts when an alert fires or a price is suggested, and stops with somebody's first answer: the alert
is acknowledged (or gone by itself), a person has spoken on the price. It runs by the contract that was in
force when it began; a critical alert always by the urgent promise. Remarks (alerts of severity info) ask for
no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q

from alerts.engine.sla import ClockState, SlaClass
from alerts.models import Alert
from alerts.selectors.agreement import Agreement, Agreements
from alerts.types import AlertState, Severity
from pricing.selectors.approval_waits import ApprovalWait, list_waited, list_waiting
from tenants.types import STAFF_ROLES, Role

_ASKING = [severity.value for severity in Severity if severity is not Severity.INFO]
_CLIENT_ROLES = frozenset(role.value for role in Role if role not in STAFF_ROLES)
_ALERT = ("id", "store_id", "severity", "fired_at", "acknowledged_at", "resolved_at")


class ClockKind(StrEnum):
    """What waits for an answer."""

    ALERT = "alert"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Span:
    """What waits or waited: from `started_at` on, answered at `answered_at`, or ended unanswered at
    `closed_at` (resolved by itself, superseded, expired). `is_clients`: the answer is the client's own."""

    kind: ClockKind
    subject_id: int
    store_id: int | None
    is_urgent: bool
    started_at: datetime
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    is_clients: bool = False


@dataclass(frozen=True, slots=True)
class SlaClock:
    """A running clock at an instant; hours are of the promise's own time: around the clock, or working."""

    kind: ClockKind
    subject_id: int
    store_id: int | None
    sla_class: SlaClass
    started_at: datetime
    due_at: datetime
    spent_hours: float
    state: ClockState


@dataclass(frozen=True, slots=True)
class Decided:
    """A clock of which it is decided whether the promise was kept, and when that was."""

    span: Span
    decided_at: datetime
    is_kept: bool


def list_clocks(at: datetime, *, kind: ClockKind | None = None) -> list[SlaClock]:
    """Return the clocks that run at `at` (now, or nearly), the first deadline first."""
    agreements = Agreements()
    clocks = [_clock(span, agreements, at) for span in _running(kind)]
    return sorted(clocks, key=lambda clock: (clock.due_at, clock.kind, clock.subject_id))


def list_decided(since: datetime, until: datetime) -> list[Decided]:
    """Return the clocks that were decided in [since, until): answered in time, or run out before an answer.

    What ended by itself before its deadline was owed no answer, and is not among them.
    """
    agreements = Agreements()
    decided = (_decide(span, agreements, until) for span in _spans(since, until))
    return [each for each in decided if each is not None and since <= each.decided_at < until]


def agreement_for(span: Span, agreements: Agreements) -> Agreement:
    """The promise that holds for what waits."""
    found = agreements.at(span.started_at)
    return Agreement(SlaClass.URGENT, found.calendar) if span.is_urgent else found


def _clock(span: Span, agreements: Agreements, at: datetime) -> SlaClock:
    agreed = agreement_for(span, agreements)
    return SlaClock(
        kind=span.kind,
        subject_id=span.subject_id,
        store_id=span.store_id,
        sla_class=agreed.sla_class,
        started_at=span.started_at,
        due_at=agreed.due(span.started_at),
        spent_hours=agreed.hours(span.started_at, at),
        state=agreed.state(span.started_at, at),
    )


def _decide(span: Span, agreements: Agreements, until: datetime) -> Decided | None:
    due = agreement_for(span, agreements).due(span.started_at)
    if span.answered_at is not None and span.answered_at <= due:
        return Decided(span, span.answered_at, is_kept=True)
    ended = span.answered_at or span.closed_at or until
    return Decided(span, due, is_kept=False) if ended > due else None


def _running(kind: ClockKind | None) -> Iterator[Span]:
    if kind in (None, ClockKind.ALERT):
        rows = Alert.objects.filter(
            state=AlertState.FIRING.value, acknowledged_at=None, fired_at__isnull=False, severity__in=_ASKING
        )
        yield from _alerts(rows.values_list(*_ALERT))
    if kind in (None, ClockKind.APPROVAL):
        yield from _approvals(list_waiting())


def _spans(since: datetime, until: datetime) -> Iterator[Span]:
    """What waited at any time between two instants."""
    rows = Alert.objects.filter(fired_at__lt=until, severity__in=_ASKING).filter(
        Q(acknowledged_at__gte=since)
        | Q(acknowledged_at=None) & (Q(resolved_at=None) | Q(resolved_at__gte=since))
    )
    yield from _alerts(rows.values_list(*_ALERT))
    yield from _approvals(list_waited(since, until))


def _alerts(
    rows: Iterable[tuple[int, int | None, str, datetime, datetime | None, datetime | None]],
) -> Iterator[Span]:
    for alert_id, store_id, severity, fired_at, acknowledged_at, resolved_at in rows:
        is_urgent = severity == Severity.CRITICAL.value
        yield Span(ClockKind.ALERT, alert_id, store_id, is_urgent, fired_at, acknowledged_at, resolved_at)


def _approvals(waits: Iterable[ApprovalWait]) -> Iterator[Span]:
    for wait in waits:
        yield Span(
            kind=ClockKind.APPROVAL,
            subject_id=wait.id,
            store_id=wait.store_id,
            is_urgent=False,
            started_at=wait.opened_at,
            answered_at=wait.answered_at,
            closed_at=wait.closed_at,
            is_clients=wait.role in _CLIENT_ROLES or (not wait.answered_at and wait.is_clients),
        )
