"""What a rule would have done on history: looked at once a day, with the very code that decides for real.

Figures are as they are known today: what came late counts as if it had been there. So a trial shows how often
a rule cries, not how soon.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts.detectors import DETECTORS
from alerts.detectors.base import Detector, Scope
from alerts.engine.lifecycle import Snapshot, decide
from alerts.types import AlertState, Check, Notice, RuleView, Severity, Verdict
from connectors.selectors.stores import list_stores

DAYS = 90
MOST_EPISODES = 200


@dataclass(frozen=True, slots=True)
class Episode:
    """An alert that would have fired: when, of what, and until when (None: it still would)."""

    store_id: int | None
    subject: str
    severity: Severity
    fired_at: datetime
    resolved_at: datetime | None
    observed: Decimal | None
    limit: Decimal | None
    unit: str
    basis: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have done over `days` days. `why_not` says why it cannot be tried; "" if it could.

    `fired` counts alerts that would have fired, `notices` everything that people would have been told of
    them, `checks` and `without_data` the subjects that were looked at. `episodes` are the latest ones.
    """

    days: int
    first_at: datetime
    last_at: datetime
    fired: int
    notices: int
    checks: int
    without_data: int
    episodes: tuple[Episode, ...]
    why_not: str = ""

    @property
    def text(self) -> str:
        """The answer in a sentence."""
        if self.why_not:
            return f"It cannot be tried on history: {self.why_not}"
        return f"It would have fired {self.fired} times in {self.days} days."


def try_rule(rule: RuleView, at: datetime, *, days: int = DAYS) -> Trial:
    """Return what a rule, saved or not, would have done in the days before `at`; nothing is written."""
    detector = DETECTORS.get(rule.detector)
    instants = [at - timedelta(days=back) for back in range(days - 1, -1, -1)]
    if not detector.can_look_back:
        return Trial(days, instants[0], at, 0, 0, 0, 0, (), detector.why_not_back)
    stores = tuple(store for store in list_stores() if not rule.store_ids or store.id in rule.store_ids)
    scope = Scope(detector.read(rule.parameters), stores, at)
    return replay(_rounds(detector, scope, instants), rule, days=days, first_at=instants[0], last_at=at)


def replay(
    rounds: Iterator[tuple[datetime, list[Check]]],
    rule: RuleView,
    *,
    days: int,
    first_at: datetime,
    last_at: datetime,
) -> Trial:
    """Let the life cycle decide on rounds of checks, each with all there was to say; pure."""
    snapshots: dict[tuple[int | None, str], Snapshot] = {}
    open_ones: dict[tuple[int | None, str], int] = {}
    episodes: list[Episode] = []
    notices = looked = without_data = 0
    for at, checks in rounds:
        looked += len(checks)
        without_data += sum(check.verdict is Verdict.NO_DATA for check in checks)
        found = {(check.store_id, check.subject): check for check in checks}
        # As in real life, a live subject that is missing is gone.
        gone = {key: _gone(key) for key, each in snapshots.items() if each.is_live and key not in found}
        for key, check in {**found, **gone}.items():
            before = snapshots.get(key, Snapshot(severity=check.severity or rule.severity))
            told = decide(before, check, at, rule.policy)
            snapshots[key] = told.snapshot
            notices += len(told.notices)
            if Notice.FIRED in told.notices:
                open_ones[key] = len(episodes)
                episodes.append(_episode(check, rule, at))
            elif key in open_ones and told.snapshot.state is AlertState.RESOLVED:
                n = open_ones.pop(key)
                episodes[n] = replace(episodes[n], resolved_at=at)
    latest = tuple(reversed(episodes[-MOST_EPISODES:]))
    return Trial(days, first_at, last_at, len(episodes), notices, looked, without_data, latest)


def _rounds(
    detector: Detector[Any, Any], scope: Scope[Any], instants: Sequence[datetime]
) -> Iterator[tuple[datetime, list[Check]]]:
    for at, inputs in detector.history(scope, instants):
        yield at, detector.decide(inputs, scope.parameters)


def _gone(key: tuple[int | None, str]) -> Check:
    return Check(key[1], Verdict.CLEAR, key[0], None, None, "", "", None)


def _episode(check: Check, rule: RuleView, at: datetime) -> Episode:
    return Episode(
        check.store_id,
        check.subject,
        check.severity or rule.severity,
        at,
        None,
        check.observed,
        check.limit,
        check.unit,
        check.basis,
    )
