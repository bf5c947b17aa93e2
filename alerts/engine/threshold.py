"""When a number is beyond a limit, and when it is back: two limits, so that an alert does not flutter.

Between the two the alert keeps its state; that is what a `NO_DATA` verdict means to the life cycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from alerts.types import Verdict
from kpis.types import Direction, Goal

HELD = "hysteresis"
"""Said in a check's evidence of a number between the two limits."""


class Side(StrEnum):
    """On which side of its limit a number is wrong."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Limit:
    """A number beyond `breach` is wrong; it is right again once it does not lie beyond `clear` either.

    The limit itself is still allowed. `clear` never lies beyond `breach`.
    """

    side: Side
    breach: Decimal
    clear: Decimal

    def judge(self, value: Decimal) -> Verdict:
        """The verdict on a number; NO_DATA between the two limits."""
        if self._is_beyond(value, self.breach):
            return Verdict.BREACH
        return Verdict.NO_DATA if self._is_beyond(value, self.clear) else Verdict.CLEAR

    def _is_beyond(self, value: Decimal, limit: Decimal) -> bool:
        return value > limit if self.side is Side.ABOVE else value < limit


def absolute(side: Side, breach: Decimal, clear: Decimal | None = None) -> Limit:
    """A limit in the number's own unit; without a clear limit the number is right at the limit itself."""
    return Limit(side, breach, breach if clear is None else clear)


def relative(side: Side, reference: Decimal, share: Decimal, clear_share: Decimal | None = None) -> Limit:
    """A limit so far beyond a reference: 0.1 above 20 is 22. By the size of a negative reference too."""
    sign = 1 if side is Side.ABOVE else -1
    cleared = share if clear_share is None else clear_share
    return Limit(side, reference + sign * abs(reference) * share, reference + sign * abs(reference) * cleared)


def limits_of(
    goal: Goal, *, is_warning: bool, share: Decimal = Decimal(0), clear_share: Decimal | None = None
) -> list[Limit]:
    """The limits of a target (or of its warning level): one, or two where a band or closeness to zero counts.

    Empty where nothing is set.
    """
    if goal.direction is Direction.RANGE:
        low = goal.warn_low if is_warning else goal.target_low
        high = goal.warn_high if is_warning else goal.target_high
        ends = [(Side.BELOW, low), (Side.ABOVE, high)]
        return [relative(side, end, share, clear_share) for side, end in ends if end is not None]
    end = goal.warn if is_warning else goal.target
    if end is None or goal.direction is Direction.WATCH:
        return []
    if goal.direction is Direction.ABS:
        return [
            relative(Side.BELOW, -end, share, clear_share),
            relative(Side.ABOVE, end, share, clear_share),
        ]
    side = Side.BELOW if goal.direction is Direction.UP else Side.ABOVE
    return [relative(side, end, share, clear_share)]


def judge_all(value: Decimal, limits: list[Limit]) -> tuple[Verdict, Limit]:
    """The verdict under several limits with the one that decides: a breach first, then a held state."""
    found = [(limit.judge(value), limit) for limit in limits]
    for wanted in (Verdict.BREACH, Verdict.NO_DATA):
        for verdict, limit in found:
            if verdict is wanted:
                return verdict, limit
    return Verdict.CLEAR, min(limits, key=lambda limit: abs(limit.breach - value))
