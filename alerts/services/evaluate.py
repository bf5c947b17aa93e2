"""Looking: every rule whose turn has come gathers, decides, and hands its checks to the life cycle.

A rule that fails does not stop the others: its failure is counted, its next turn is pushed away, and after
five in a row it is broken, which is an alert of its own. A turn is one transaction, so that nothing is half
looked at; two workers never take the same turn.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from alerts.detectors import DETECTORS
from alerts.detectors.base import Detector, Reads, Scope
from alerts.detectors.known import known_of
from alerts.engine.saying import say
from alerts.models import Alert, AlertRule, AlertRuleTurn
from alerts.selectors.rules import find_rules, list_due, list_of_detectors
from alerts.services.transitions import apply
from alerts.types import LIVE_STATES, Check, Policy, RuleView, Severity, Verdict
from config.lib import clock
from config.lib.errors import AppError, gettext_noop
from config.lib.logging import get_logger
from connectors.selectors.stores import list_stores
from connectors.types import StoreRef

BROKEN = "rule:broken"
"""The subject of the alert that a rule cannot be evaluated."""

MOST_FAILURES = 5
_BATCH = 200
_LONGEST_WAIT = timedelta(days=1)
# News comes in bursts: a rule that has just looked looks again when the burst may be over.
_BREATH = timedelta(minutes=1)

_log = get_logger(__name__)


def _nothing() -> None:
    """The default of a heartbeat: nobody has to be told that the work goes on."""


@dataclass(slots=True)
class _Round:
    """What the rules of one round share."""

    at: datetime
    stores: tuple[StoreRef, ...]
    reads: Reads = field(default_factory=Reads)


def evaluate(
    rule_ids: Collection[int] | None = None,
    at: datetime | None = None,
    *,
    heartbeat: Callable[[], object] = _nothing,
) -> int:
    """Let these active rules look now, or (None) all whose turn has come; returns how many looked.

    `heartbeat` is called before every rule; what it raises ends the round.
    """
    now = at or clock.now()
    this = _Round(now, tuple(list_stores()))
    if rule_ids is not None:
        return sum(_take(ids, this, heartbeat, is_due=False) for ids in _batches(sorted(set(rule_ids))))
    done, seen = 0, set[int]()
    while ids := [each for each in list_due(now, limit=_BATCH) if each not in seen]:
        seen.update(ids)
        done += _take(ids, this, heartbeat, is_due=True)
    return done


def follow_news(events: Sequence[Mapping[str, Any]], *, heartbeat: Callable[[], object] = _nothing) -> int:
    """Let the rules look that listen to these events; those that looked a moment ago get an early turn."""
    types = {str(event["type"]) for event in events}
    listening = [key for key, each in DETECTORS.all().items() if each.listens & types]
    stores = {store_id for event in events for store_id in _stores_of(event)}
    rules = [
        rule
        for rule in list_of_detectors(listening)
        if not stores or not rule.store_ids or stores & set(rule.store_ids)
    ]
    now = clock.now()
    ids = [rule.id for rule in rules]
    recent = AlertRuleTurn.objects.filter(rule_id__in=ids, last_checked_at__gt=now - _BREATH)
    resting = set(recent.values_list("rule_id", flat=True))
    AlertRuleTurn.objects.filter(rule_id__in=resting, next_check_at__gt=now + _BREATH).update(
        next_check_at=F("last_checked_at") + _BREATH
    )
    return evaluate([each for each in ids if each not in resting], now, heartbeat=heartbeat)


def look(rule: RuleView, stores: Sequence[StoreRef], at: datetime, reads: Reads) -> list[Check]:
    """Return what a rule finds at an instant, with every live subject that could not be seen as NO_DATA."""
    detector = DETECTORS.get(rule.detector)
    chosen = tuple(store for store in stores if not rule.store_ids or store.id in rule.store_ids)
    scope = Scope(detector.read(rule.parameters), chosen, at, reads)
    checks = detector.check(scope)
    return [*checks, *_unseen(rule, detector, scope, checks)]


def _batches(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[n : n + _BATCH] for n in range(0, len(ids), _BATCH)]


def _stores_of(event: Mapping[str, Any]) -> list[int]:
    one = event.get("store_id")
    return [*event.get("store_ids", ()), *([one] if one is not None else [])]


def _take(ids: Sequence[int], this: _Round, heartbeat: Callable[[], object], *, is_due: bool) -> int:
    rules = find_rules(ids)
    done = 0
    for rule_id in ids:
        rule = rules.get(rule_id)
        if rule is not None and rule.is_active:
            heartbeat()
            done += _turn(rule, this, is_due=is_due)
    return done


def _turn(rule: RuleView, this: _Round, *, is_due: bool) -> bool:
    """Take a rule's turn unless another worker has it; True if it looked, however that went."""
    with transaction.atomic():
        turn = AlertRuleTurn.objects.select_for_update(skip_locked=True).filter(rule_id=rule.id).first()
        if turn is None or (is_due and turn.next_check_at > this.at):
            return False
        if not AlertRule.objects.filter(pk=rule.id, is_active=True, in_force=rule.version).exists():
            return False
        try:
            with transaction.atomic():
                apply(rule, look(rule, this.stores, this.at, this.reads), this.at)
        except Exception as error:  # noqa: BLE001 - one bad rule must not keep the others from looking
            _failed(turn, rule, error, this.at)
        else:
            _went_well(turn, rule, this.at)
    return True


def _went_well(turn: AlertRuleTurn, rule: RuleView, at: datetime) -> None:
    turn.next_check_at = at + DETECTORS.get(rule.detector).cadence
    turn.last_checked_at = at
    turn.failures, turn.problem, turn.broken_at = 0, "", None
    turn.save()


def _failed(turn: AlertRuleTurn, rule: RuleView, error: Exception, at: datetime) -> None:
    """Count it, wait longer each time, and say so once it is certain that it is no accident."""
    told = str(error.detail or error.title) if isinstance(error, AppError) else "unexpected"
    turn.failures += 1
    turn.problem = f"{type(error).__name__}: {told}"[:500]
    turn.next_check_at = at + min(timedelta(minutes=5) * 2**turn.failures, _LONGEST_WAIT)
    _log.warning("alert_rule_failed", rule=rule.key, failures=turn.failures, exc_info=error)
    if turn.failures >= MOST_FAILURES:
        turn.broken_at = turn.broken_at or at
        own = replace(rule, policy=Policy(), severity=Severity.CRITICAL)
        # Of no store is everything said by this: the other alerts of the rule stay as they are.
        apply(own, [_broken(turn, rule, at)], at, store_ids=())
    turn.save()


def _broken(turn: AlertRuleTurn, rule: RuleView, at: datetime) -> Check:
    basis, evidence = say(
        gettext_noop("The rule {rule} could not be evaluated {failures} times in a row: {problem}"),
        rule=rule.key,
        failures=turn.failures,
        problem=turn.problem,
    )
    return Check(
        subject=BROKEN,
        verdict=Verdict.BREACH,
        store_id=None,
        observed=None,
        limit=None,
        unit="count",
        basis=basis,
        as_of=at,
        severity=Severity.CRITICAL,
        evidence=evidence,
    )


def _unseen(
    rule: RuleView, detector: Detector[Any, Any], scope: Scope[Any], checks: Sequence[Check]
) -> list[Check]:
    """Live subjects that were not found although they may be there: the data they rest on are late.

    To the life cycle a subject that is missing is gone; one that merely cannot be seen keeps its state.
    """
    live = Alert.objects.filter(
        rule_id=rule.id, is_current=True, state__in=[state.value for state in LIVE_STATES]
    ).values_list("store_id", "subject", "unit")
    found = {(check.store_id, check.subject) for check in checks}
    unseen = []
    for store_id, subject, unit in live:
        groups = detector.rests_on(subject, scope.parameters)
        if (store_id, subject) in found or subject == BROKEN or not groups or store_id is None:
            continue
        known = known_of(scope, *groups).get(store_id)
        if known is not None and known.problem:
            basis, evidence = say(
                gettext_noop("{subject} cannot be seen now: {reason}."), subject=subject, reason=known.problem
            )
            unseen.append(
                Check(
                    subject, Verdict.NO_DATA, store_id, None, None, unit, basis, known.as_of, None, evidence
                )
            )
    return unseen
