"""What a check, the clock or a person makes of an alert: the one pure decision, told apart from doing it.

Two things are kept apart throughout: what is so (`state`) and what people were told (`told`). A notice is
always the difference between them, so nothing is told twice and no resolve is lost: whoever was told that it
fires is told that it ended, in the decision that ends it, whatever mutes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.types import LIVE_STATES, AlertState, Check, Notice, Policy, Severity, Verdict

LAST_LEVEL = 3
"""Nobody stands above the third level of a roster; from there on an alert is only repeated."""

_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}

Deadline = Callable[[datetime], datetime]
"""By when somebody has to acknowledge what was told at an instant."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An alert as the decision sees it; the default is a subject of which nothing is on record.

    `recent` are the last known verdicts (True: breach), the oldest first; `since` the first breach of the
    episode. `told` is the severity of which people were last told while it fires, None while they do not
    believe that it fires; `is_owed` says that it has to be told again as soon as nothing speaks against it.
    `told_resolved_at` and `told_before` are when and from which severity people last heard that it ended.
    """

    state: AlertState | None = None
    severity: Severity = Severity.WARNING
    recent: tuple[bool, ...] = ()
    since: datetime | None = None
    clears: int = 0
    is_blind: bool = False
    is_muted: bool = False
    told: Severity | None = None
    told_at: datetime | None = None
    is_owed: bool = False
    is_spent: bool = False
    fired_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_until: datetime | None = None
    resolved_at: datetime | None = None
    told_resolved_at: datetime | None = None
    told_before: Severity | None = None
    level: int = 1
    escalate_at: datetime | None = None
    sequence: int = 0

    @property
    def is_live(self) -> bool:
        """Whether it is pending, firing or acknowledged."""
        return self.state in LIVE_STATES


@dataclass(frozen=True, slots=True)
class Decision:
    """What is so from now on, what people have to be told of it (at most one thing), and why.

    `is_new`: the breach begins another alert; the former one stays as it ended.
    """

    snapshot: Snapshot
    notices: tuple[Notice, ...]
    reason: str
    is_new: bool = False


def decide(
    snapshot: Snapshot,
    check: Check | None,
    now: datetime,
    policy: Policy,
    *,
    is_muted: bool = False,
    deadline: Deadline | None = None,
) -> Decision:
    """Decide what a check (None: only time has passed) makes of an alert.

    `is_muted` says that a silence or an inhibitor covers it now: then only a resolve is told. `deadline`
    says by when a notice has to be acknowledged; without it `policy.escalate_after_hours` counts round the
    clock, and an alert with neither is never escalated.
    """
    is_new = False
    if check is not None and check.verdict is Verdict.BREACH and not snapshot.is_live:
        if snapshot.is_spent and policy.is_once:
            return Decision(snapshot, (), "fired once already; it waits to be reset")
        is_new = _is_another(snapshot, now, policy)
        snapshot = _reopened(snapshot, is_new=is_new)
    seen = _observed(snapshot, check, now, policy)
    moved, reason = _moved(seen, now, policy)
    told, notice, why = _told(replace(moved, is_muted=is_muted), now, policy, _clock(policy, deadline))
    return Decision(told, () if notice is None else (notice,), why or reason, is_new)


def acknowledge(snapshot: Snapshot, now: datetime, until: datetime) -> Decision | None:
    """Let somebody answer for it until an instant; None if it does not fire. Whoever says so knows of it."""
    if snapshot.state not in (AlertState.FIRING, AlertState.ACKNOWLEDGED):
        return None
    known = replace(
        snapshot,
        state=AlertState.ACKNOWLEDGED,
        told=snapshot.severity,
        told_at=snapshot.told_at or now,
        is_owed=False,
        acknowledged_at=now,
        acknowledged_until=until,
        escalate_at=None,
    )
    return Decision(known, (), "acknowledged")


def resolve(snapshot: Snapshot, now: datetime) -> Decision | None:
    """End it by hand; None if it is over. If it still breaches, it comes back after the flap hold."""
    if not snapshot.is_live:
        return None
    ended, notice, _ = _told(_ended(snapshot, now), now, Policy(), None)
    # Whoever resolves an alert knows of it, so that its return is held back also if nobody else was told.
    known = replace(ended, told_resolved_at=now, told_before=snapshot.told or snapshot.severity)
    return Decision(known, () if notice is None else (notice,), "resolved by hand")


def reset(snapshot: Snapshot) -> Decision | None:
    """Let a once-alert fire again; None if it is not spent. Asked for by hand, so that no hold delays it."""
    if not snapshot.is_spent:
        return None
    armed = replace(snapshot, is_spent=False, told_resolved_at=None, told_before=None)
    return Decision(armed, (), "reset")


def next_due(snapshot: Snapshot, policy: Policy) -> datetime | None:
    """Return when time alone will change something (None: only a check or a person can).

    The end of a mute is not known here; what is muted has to be looked at until it is not.
    """
    if snapshot.state is AlertState.ACKNOWLEDGED:
        return snapshot.acknowledged_until
    if snapshot.state is AlertState.PENDING and snapshot.since and _is_proven(snapshot, policy):
        return snapshot.since + timedelta(minutes=policy.pending_minutes)
    if snapshot.state is not AlertState.FIRING or snapshot.is_muted:
        return None
    if snapshot.told is None:
        return None if snapshot.is_blind else _hold_ends(snapshot, policy)
    dues = [snapshot.escalate_at if snapshot.level < LAST_LEVEL else None]
    if not snapshot.is_blind:
        dues.append(_repeat_at(snapshot, policy))
    return min((due for due in dues if due is not None), default=None)


def _is_another(snapshot: Snapshot, now: datetime, policy: Policy) -> bool:
    """Whether a breach of something that is over is another alert: what fired before, and is not held."""
    if snapshot.state is None:
        return True
    hold = _hold_ends(snapshot, policy)
    return snapshot.fired_at is not None and (hold is None or now >= hold)


def _reopened(snapshot: Snapshot, *, is_new: bool) -> Snapshot:
    return Snapshot(
        state=AlertState.PENDING,
        severity=snapshot.severity,
        told_resolved_at=None if is_new else snapshot.told_resolved_at,
        told_before=None if is_new else snapshot.told_before,
        sequence=0 if is_new else snapshot.sequence,
    )


def _observed(snapshot: Snapshot, check: Check | None, now: datetime, policy: Policy) -> Snapshot:
    """Take in a verdict. NO_DATA is no verdict: it neither counts nor breaks a row, it only blinds."""
    if check is None or not snapshot.is_live:
        return snapshot
    if check.verdict is Verdict.NO_DATA:
        return replace(snapshot, is_blind=True)
    is_breach = check.verdict is Verdict.BREACH
    return replace(
        snapshot,
        recent=(*snapshot.recent, is_breach)[-max(policy.of_checks, 1) :],
        clears=0 if is_breach else snapshot.clears + 1,
        since=snapshot.since or now,
        severity=(check.severity or snapshot.severity) if is_breach else snapshot.severity,
        is_blind=False,
    )


def _moved(snapshot: Snapshot, now: datetime, policy: Policy) -> tuple[Snapshot, str]:
    """Move the state as far as the verdicts and the clock demand."""
    if snapshot.state is AlertState.PENDING:
        if not any(snapshot.recent):
            return _ended(snapshot, now), "cleared before it fired"
        pending = timedelta(minutes=policy.pending_minutes)
        if _is_proven(snapshot, policy) and snapshot.since and now - snapshot.since >= pending:
            return replace(snapshot, state=AlertState.FIRING, fired_at=now, clears=0), "fires"
        return snapshot, "pending"
    if snapshot.state in (AlertState.FIRING, AlertState.ACKNOWLEDGED) and snapshot.clears >= max(
        policy.clear_checks, 1
    ):
        return _ended(snapshot, now), "cleared"
    if snapshot.state is AlertState.ACKNOWLEDGED:
        until = snapshot.acknowledged_until
        if until is not None and now >= until:
            return _unacknowledged(snapshot), "the acknowledgement has run out"
        if _is_worse(snapshot.severity, snapshot.told):
            return _unacknowledged(snapshot), "more severe than acknowledged"
    return snapshot, "no data" if snapshot.is_blind else "unchanged"


def _told(
    snapshot: Snapshot, now: datetime, policy: Policy, deadline: Deadline | None
) -> tuple[Snapshot, Notice | None, str]:
    """Close the gap between what is so and what people were told, as far as that is allowed now."""
    if not snapshot.is_live:
        if snapshot.told is None:
            return snapshot, None, ""
        heard = replace(
            snapshot,
            told=None,
            told_resolved_at=now,
            told_before=snapshot.told,
            sequence=snapshot.sequence + 1,
        )
        return heard, Notice.RESOLVED, ""
    if snapshot.state is not AlertState.FIRING:
        return snapshot, None, ""
    if snapshot.is_muted:
        return replace(snapshot, is_owed=True, escalate_at=None), None, "muted"
    if snapshot.told is None:
        return _first_told(snapshot, now, policy, deadline)
    return _told_again(snapshot, now, policy, deadline)


def _first_told(
    snapshot: Snapshot, now: datetime, policy: Policy, deadline: Deadline | None
) -> tuple[Snapshot, Notice | None, str]:
    if snapshot.is_blind:
        return snapshot, None, "no data"
    hold = _hold_ends(snapshot, policy)
    if hold is not None and now < hold and not _is_worse(snapshot.severity, snapshot.told_before):
        return snapshot, None, "back within the flap hold"
    return _with_notice(snapshot, now, policy, deadline), Notice.FIRED, "fires"


def _told_again(
    snapshot: Snapshot, now: datetime, policy: Policy, deadline: Deadline | None
) -> tuple[Snapshot, Notice | None, str]:
    if _is_worse(snapshot.severity, snapshot.told):
        return _with_notice(snapshot, now, policy, deadline), Notice.STILL_FIRING, "more severe than told"
    due = snapshot.escalate_at
    if due is not None and now >= due and snapshot.level < LAST_LEVEL:
        higher = replace(snapshot, level=snapshot.level + 1)
        return _with_notice(higher, now, policy, deadline), Notice.ESCALATED, "nobody acknowledged it"
    if snapshot.is_blind:
        return snapshot, None, "no data"
    if snapshot.is_owed and not policy.is_once:
        return _with_notice(snapshot, now, policy, deadline), Notice.STILL_FIRING, "still fires"
    repeat = _repeat_at(snapshot, policy)
    if repeat is not None and now >= repeat:
        # A repeat is no new demand: the time to acknowledge runs from what was told first.
        again = _with_notice(snapshot, now, policy, None)
        return replace(again, escalate_at=snapshot.escalate_at), Notice.STILL_FIRING, "still fires"
    return _clocked(snapshot, now, deadline), None, ""


def _with_notice(snapshot: Snapshot, now: datetime, policy: Policy, deadline: Deadline | None) -> Snapshot:
    return replace(
        snapshot,
        told=snapshot.severity,
        told_at=now,
        is_owed=False,
        is_spent=policy.is_once,
        escalate_at=None if deadline is None else deadline(now),
        sequence=snapshot.sequence + 1,
    )


def _clocked(snapshot: Snapshot, now: datetime, deadline: Deadline | None) -> Snapshot:
    """Start the clock of a told alert that has none: one that a mute stopped, or a deadline set since."""
    if snapshot.escalate_at is not None or deadline is None:
        return snapshot
    return replace(snapshot, escalate_at=deadline(now))


def _ended(snapshot: Snapshot, now: datetime) -> Snapshot:
    return replace(
        snapshot,
        state=AlertState.RESOLVED,
        resolved_at=now,
        recent=(),
        since=None,
        clears=0,
        is_blind=False,
        is_owed=False,
        acknowledged_until=None,
        escalate_at=None,
    )


def _unacknowledged(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, state=AlertState.FIRING, is_owed=True, acknowledged_until=None)


def _is_proven(snapshot: Snapshot, policy: Policy) -> bool:
    """N of M hold and the last thing known is a breach: data that are missing now prove nothing."""
    known = snapshot.recent[-policy.of_checks :]
    return bool(known) and known[-1] and not snapshot.is_blind and sum(known) >= policy.breaches


def _is_worse(severity: Severity, than: Severity | None) -> bool:
    return than is not None and _RANK[severity] > _RANK[than]


def _hold_ends(snapshot: Snapshot, policy: Policy) -> datetime | None:
    """Until when a return is held back: counted from the resolve that was told, not from later flaps."""
    told = snapshot.told_resolved_at
    return None if told is None else told + timedelta(minutes=policy.flap_hold_minutes)


def _repeat_at(snapshot: Snapshot, policy: Policy) -> datetime | None:
    if policy.repeat_hours <= 0 or policy.is_once or snapshot.told_at is None:
        return None
    return snapshot.told_at + timedelta(hours=policy.repeat_hours)


def _clock(policy: Policy, deadline: Deadline | None) -> Deadline | None:
    if deadline is not None or policy.escalate_after_hours is None:
        return deadline
    wait = timedelta(hours=float(policy.escalate_after_hours))
    return lambda start: start + wait
