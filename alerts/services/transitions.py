"""The one place where an alert's state changes: decided purely, done once, written down and told.

Whatever moves an alert holds its row's lock from reading to writing, evaluations of one rule additionally
queue behind each other; so two workers make one transition. A notice is emitted in the same transaction,
under the next number of its alert.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from alerts.engine.grouping import fingerprint
from alerts.engine.lifecycle import Decision, Snapshot, decide, next_due, resolve
from alerts.models import Alert, AlertStep
from alerts.selectors.mutes import Mutes, read_mutes
from alerts.services.escalate import AckClock
from alerts.services.rows import fill, fill_check, policy_body, policy_of, snapshot_of
from alerts.types import LIVE_STATES, AlertState, Check, Policy, RuleView, Severity, Verdict
from tenants import audit, outbox
from tenants.context import current_actor, require_client

NOTICE_DUE = "alerts.notice_due"
TRANSITIONED = "alerts.transitioned"
GONE = "It is no longer there to be checked."

_BATCH = 200


def apply(
    rule: RuleView, checks: Sequence[Check], at: datetime, *, store_ids: Collection[int] | None = None
) -> list[int]:
    """Make of a rule's checks at `at` what has to be made; returns the ids of alerts that moved or were told.

    `checks` are all there is to say of the rule, or, with `store_ids`, of these stores alone: a live alert
    whose subject is missing from them counts as checked clear, because what it was about is gone. What is
    older than an alert's last check, or was applied before, changes nothing.
    """
    with transaction.atomic():
        _queue_up(rule.id)
        known = {fingerprint(rule.id, check.store_id, check.subject): check for check in checks}
        rows = _rows_of(rule.id, known, store_ids)
        around = _Around(at)
        touched = []
        for key, row in rows.items():
            check = known.get(key) or _gone(row)
            is_idle = row.state == AlertState.RESOLVED.value and check.verdict is not Verdict.BREACH
            if is_idle or row.checked_at >= at:
                continue
            if moved := _apply_one(rule, row, check, at, around):
                touched.append(moved)
        for key, check in known.items():
            if key not in rows and check.verdict is Verdict.BREACH:
                moved = _apply_one(rule, None, check, at, around)
                touched.extend([moved] if moved else [])
        _write_down(touched, f"rule {rule.key}")
    return [row.pk for row, _ in touched]


def pass_time(at: datetime) -> list[int]:
    """Do what time alone demands at `at`; returns the ids of alerts that moved or were told.

    Pending periods and holds that are over, repeats, run-out acknowledgements, escalations; and everything
    muted is looked at again, so that what still fires after a silence or an inhibitor is told at once.
    """
    done: list[int] = []
    after = 0
    while ids := _due_ids(at, after):
        after = ids[-1]
        with transaction.atomic():
            around = _Around(at)
            touched = []
            for row in _locked(ids):
                if moved := _decide_row(row, None, at, around):
                    touched.append(moved)
            _write_down(touched, "clock")
        done.extend(row.pk for row, _ in touched)
    return done


def change(
    alert_id: int, how: Callable[[Snapshot, Policy], Decision | None], at: datetime, *, note: str = ""
) -> Alert | None:
    """Let a person move an alert by a pure function; returns its row, None if the function refuses.

    In the caller's transaction, which writes its own audit entry. `Alert.DoesNotExist` for an unknown id.
    """
    row = Alert.objects.select_for_update().get(pk=alert_id)
    decision = how(snapshot_of(row), policy_of(row.policy))
    if decision is None:
        return None
    _save(row, decision, at, note=note)
    return row


def close_rule(rule_id: int, *, reason: str, at: datetime) -> list[int]:
    """End the live alerts of a rule that is no longer in force; who was told of one hears that it ended."""
    with transaction.atomic():
        _queue_up(rule_id)
        touched = []
        rows = Alert.objects.select_for_update().filter(
            rule_id=rule_id, is_current=True, state__in=[state.value for state in LIVE_STATES]
        )
        for row in rows.order_by("id"):
            before = row.state
            if (decision := resolve(snapshot_of(row), at)) is not None:
                row.resolved_why = reason[:500]
                _save(row, decision, at, note=reason)
                touched.append((row, before))
        _write_down(touched, f"closed: {reason}")
    return [row.pk for row, _ in touched]


Touched = tuple[Alert, str]


class _Around:
    """What decisions at an instant need besides the alerts, read when it is first asked for: most
    evaluations find nothing wrong and need none of it."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self.clock = AckClock()

    @cached_property
    def mutes(self) -> Mutes:
        """What mutes alerts. Read once: what an evaluation begins to fire inhibits from the next look on."""
        return read_mutes(self._at)


def _apply_one(
    rule: RuleView, row: Alert | None, check: Check, at: datetime, around: _Around
) -> Touched | None:
    if row is None:
        row = Alert(
            fingerprint=fingerprint(rule.id, check.store_id, check.subject),
            rule_id=rule.id,
            store_id=check.store_id,
            subject=check.subject,
            severity=(check.severity or rule.severity).value,
            opened_at=at,
        )
    row.rule_key, row.rule_version, row.rule_title = rule.key, rule.version, rule.title
    row.detector, row.owner, row.is_required = rule.detector, rule.owner, rule.is_required
    row.policy = policy_body(rule.policy)
    row.checked_at = at
    return _decide_row(row, _graded(check, rule.severity), at, around)


def _decide_row(row: Alert, check: Check | None, at: datetime, around: _Around) -> Touched | None:
    """Decide on a row (saved or not yet) and write what came of it; None if nobody needs to know."""
    before = row.state
    policy = policy_of(row.policy)
    snapshot = snapshot_of(row) if before else Snapshot(severity=Severity(row.severity))
    is_breach = check is not None and check.verdict is Verdict.BREACH
    severity = check.severity if is_breach and check and check.severity else snapshot.severity
    row.muted_by = around.mutes.of(
        rule=row.rule_key,
        detector=row.detector,
        store_id=row.store_id,
        subject=row.subject,
        severity=severity,
    )
    decision = decide(
        snapshot,
        check,
        at,
        policy,
        is_muted=bool(row.muted_by),
        deadline=lambda start: around.clock.due(start, policy, severity),
    )
    if decision.is_new and before:
        row = _next_episode(row, at)
    if check is not None and check.verdict is not Verdict.NO_DATA:
        fill_check(row, check)
    _save(row, decision, at)
    return (row, before) if row.state != before or decision.notices else None


def _save(row: Alert, decision: Decision, at: datetime, *, note: str = "") -> None:
    """Write a decision: the row, and for a change its step and its news."""
    before, after = row.state, decision.snapshot
    if after.state is None:
        return
    fill(row, after)
    if after.is_live and before == AlertState.RESOLVED.value:
        row.resolved_why = row.acknowledged_by = ""
    if after.state is AlertState.RESOLVED and before != AlertState.RESOLVED.value and not row.resolved_why:
        row.resolved_why = row.basis if decision.reason == "cleared" else decision.reason
    row.state = after.state.value
    row.due_at = next_due(after, policy_of(row.policy))
    is_step = before != row.state or bool(decision.notices) or bool(note)
    if row.pk is not None and is_step:
        row.version += 1
    row.save()
    if not is_step:
        return
    AlertStep.objects.create(
        alert=row,
        at=at,
        before=before,
        after=row.state,
        severity=row.severity,
        notice=decision.notices[0].value if decision.notices else "",
        sequence=after.sequence if decision.notices else None,
        level=after.level,
        reason=decision.reason,
        note=note[:500],
        actor=current_actor().label[:150],
        observed=row.observed,
    )
    _tell(row, before, decision)


def _tell(row: Alert, before: str, decision: Decision) -> None:
    if before != row.state:
        outbox.emit(
            TRANSITIONED,
            {
                "alert_id": row.pk,
                "before": before,
                "after": row.state,
                "rule_id": row.rule_id,
                "store_id": row.store_id,
                "severity": row.severity,
            },
        )
    for notice in decision.notices:
        outbox.emit(NOTICE_DUE, {"alert_id": row.pk, "notice": notice.value, "sequence": row.sequence})


def _next_episode(row: Alert, at: datetime) -> Alert:
    """Another alert of the same subject; the former row stays as it ended."""
    Alert.objects.filter(pk=row.pk).update(is_current=False, due_at=None)
    row.pk = None
    row._state.adding = True
    row.is_current, row.version, row.opened_at = True, 1, at
    row.acknowledged_by = row.resolved_why = row.state = ""
    row.action_id = row.incident_id = None
    return row


def _rows_of(rule_id: int, known: Collection[str], store_ids: Collection[int] | None) -> dict[str, Alert]:
    """Lock the current rows that the checks are about, and the live ones they do not mention."""
    live = Q(state__in=[state.value for state in LIVE_STATES])
    if store_ids is not None:
        live &= Q(store_id__in=list(store_ids))
    rows = (
        Alert.objects.select_for_update()
        .filter(live | Q(fingerprint__in=list(known)), rule_id=rule_id, is_current=True)
        .order_by("id")
    )
    return {row.fingerprint: row for row in rows}


def _due_ids(at: datetime, after: int) -> list[int]:
    muted = Q(is_muted=True, state=AlertState.FIRING.value)
    rows = Alert.objects.filter(Q(due_at__lte=at) | muted, is_current=True, id__gt=after)
    return list(rows.order_by("id").values_list("id", flat=True)[:_BATCH])


def _locked(ids: Collection[int]) -> Iterable[Alert]:
    """Lock rows; one that another worker holds is being decided on there, and due again if need be."""
    return list(
        Alert.objects.select_for_update(skip_locked=True).filter(pk__in=ids, is_current=True).order_by("id")
    )


def _queue_up(rule_id: int) -> None:
    """Wait for evaluations of the same rule of this client: rows that do not exist yet cannot be locked."""
    with connection.cursor() as cursor:
        name = f"alerts.rule:{require_client().id}:{rule_id}"
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _graded(check: Check, severity: Severity) -> Check:
    return check if check.severity is not None else replace(check, severity=severity)


def _gone(row: Alert) -> Check:
    return Check(
        subject=row.subject,
        verdict=Verdict.CLEAR,
        store_id=row.store_id,
        observed=None,
        limit=row.limit,
        unit=row.unit,
        basis=GONE,
        as_of=row.as_of,
        evidence=row.evidence,
    )


def _write_down(touched: Sequence[Touched], cause: str) -> None:
    """One audit entry for everything that an evaluation moved or told."""
    if not touched:
        return
    moves: list[dict[str, Any]] = [
        {"id": row.pk, "before": before, "state": row.state, "sequence": row.sequence}
        for row, before in touched
    ]
    audit.record("alerts.moved", target=("alerts", "many"), after={"cause": cause, "alerts": moves})
