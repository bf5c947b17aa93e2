"""Is a number good? Domain rule 4: equality with the target is ok, with the warn value a warning."""

from __future__ import annotations

from decimal import Decimal

from kpis.types import Direction, Goal, Status


def judge(value: Decimal, goal: Goal) -> Status:
    """The verdict on a complete, final number; `NO_TARGET` where there is nothing to judge by."""
    if goal.direction is Direction.WATCH or not goal.is_set:
        return Status.NO_TARGET
    if goal.direction is Direction.RANGE:
        return _judge_range(value, goal)
    if goal.target is None:
        return Status.NO_TARGET
    if goal.direction is Direction.UP:
        return _judge_up(value, goal.target, goal.warn)
    measured = abs(value) if goal.direction is Direction.ABS else value
    return _judge_up(-measured, -goal.target, None if goal.warn is None else -goal.warn)


def _judge_up(value: Decimal, target: Decimal, warn: Decimal | None) -> Status:
    if value >= target:
        return Status.OK
    return Status.WARN if warn is not None and value >= warn else Status.BAD


def _judge_range(value: Decimal, goal: Goal) -> Status:
    if _inside(value, goal.target_low, goal.target_high):
        return Status.OK
    has_warning_band = goal.warn_low is not None or goal.warn_high is not None
    if has_warning_band and _inside(value, goal.warn_low, goal.warn_high):
        return Status.WARN
    return Status.BAD


def _inside(value: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)
