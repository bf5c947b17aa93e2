"""How far a number meets its target and what the scorecard makes of it (domain rule 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpis.types import Direction, Goal, Status

CAP = Decimal("1.2")
OK_FROM = Decimal("0.90")
WARN_FROM = Decimal("0.80")
LEAST_SHARE_WITH_DATA = Decimal("0.5")
_ZERO = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Scored:
    """One line of a scorecard: its weight, its score (None: no verdict possible) and its status.

    `provisional` says that both would hold if the figure stood: nothing but finality is missing.
    """

    weight: Decimal
    score: Decimal | None
    status: Status
    hard_gate: bool = False
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class ScorecardScore:
    """`score` is 0 to 120 (100: every target met) over the lines with data, which are `share_with_data`."""

    score: Decimal | None
    share_with_data: Decimal
    status: Status
    gated: bool


def attainment(value: Decimal, goal: Goal) -> Decimal | None:
    """Score of one number, 0 to 1.2. up: v/target, down: target/v, abs: as down on |v|; a band scores 1
    inside and the distance to its nearer bound outside. None where there is no target."""
    if goal.direction is Direction.RANGE:
        return _range_score(value, goal)
    if goal.target is None or goal.direction is Direction.WATCH:
        return None
    if goal.direction is Direction.UP:
        return _quotient(value, goal.target)
    return _quotient(goal.target, abs(value) if goal.direction is Direction.ABS else value)


def weighted(lines: Sequence[Scored], *, provisional: bool = False) -> ScorecardScore:
    """Σ weight·score / Σ weight over lines with a score. A bad hard gate makes it bad whatever the weights;
    with less than half of the weight known there is no verdict. Provisional lines count only when asked."""
    total = sum((line.weight for line in lines), _ZERO)
    judged = [line for line in lines if provisional or not line.provisional]
    known = sum((line.weight for line in judged if line.score is not None), _ZERO)
    gated = any(line.hard_gate and line.status is Status.BAD for line in judged)
    share = known / total if total else _ZERO
    score = None
    if known:
        reached = sum((line.weight * line.score for line in judged if line.score is not None), _ZERO)
        score = reached / known * 100
    return ScorecardScore(score, share, _verdict(score, share, gated), gated)


def _verdict(score: Decimal | None, share: Decimal, gated: bool) -> Status:
    if gated:
        return Status.BAD
    if score is None or share < LEAST_SHARE_WITH_DATA:
        return Status.INSUFFICIENT_DATA
    if score >= OK_FROM * 100:
        return Status.OK
    return Status.WARN if score >= WARN_FROM * 100 else Status.BAD


def _quotient(numerator: Decimal, denominator: Decimal) -> Decimal:
    """numerator/denominator between 0 and the cap; a denominator that is not positive is "nothing left to
    reduce" (or a target of nothing), which is the cap unless the numerator is below zero."""
    if denominator <= 0:
        return CAP if numerator >= denominator else _ZERO
    return min(max(numerator / denominator, _ZERO), CAP)


def _range_score(value: Decimal, goal: Goal) -> Decimal | None:
    if not goal.is_set:
        return None
    if goal.target_low is not None and value < goal.target_low:
        return min(_quotient(value, goal.target_low), _ONE)
    if goal.target_high is not None and value > goal.target_high:
        return min(_quotient(goal.target_high, value), _ONE)
    return _ONE
