"""How a number changed against another period: only between periods that are both complete (K9)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from kpis.types import Reason

_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Point:
    """A number with the length of its period in days and whether the period is over and fully covered."""

    value: Decimal | None
    days: int
    is_complete: bool
    why_missing: Reason | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """`absolute` is a difference in the number's own unit (ratios: percentage points), `relative` a fraction.

    `per_day` says that `relative` compares daily means because the periods differ in length (31 against 28).
    """

    previous: Decimal | None
    absolute: Decimal | None
    relative: Decimal | None
    per_day: bool
    why_missing: Reason | None


def compare(now: Point, before: Point, *, is_flow: bool) -> Change:
    """The change from `before` to `now`. Flows of periods of unequal length compare per day."""
    reason = _why_not(now, before)
    if reason is not None or now.value is None or before.value is None:
        return Change(before.value if before.is_complete else None, None, None, False, reason)
    absolute = now.value - before.value
    per_day = is_flow and now.days != before.days
    if before.value <= 0:
        return Change(before.value, absolute, None, False, Reason.BASE_NOT_POSITIVE)
    ratio = now.value / before.value
    if per_day:
        ratio = ratio * before.days / now.days
    relative = (ratio - 1).quantize(_PLACES, rounding=ROUND_HALF_UP)
    return Change(before.value, absolute, relative, per_day, None)


def _why_not(now: Point, before: Point) -> Reason | None:
    if now.value is None:
        return now.why_missing or Reason.NO_DATA
    if not now.is_complete:
        return Reason.PERIOD_INCOMPLETE
    if not before.is_complete:
        return Reason.NO_REFERENCE
    if before.value is None:
        return before.why_missing or Reason.NO_REFERENCE
    return None
