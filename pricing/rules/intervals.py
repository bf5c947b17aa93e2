"""Which values something may take: closed intervals of Decimal, for reasoning about all inputs at once.

An interval always contains every value that is possible, and may contain more: what is proved for it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

INFINITE = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Interval:
    """All values from `low` to `high`, both included; a bound may be infinite. `ValueError` if none."""

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if self.low.is_nan() or self.high.is_nan() or self.low > self.high:
            raise ValueError(f"no values between {self.low} and {self.high}")

    def __contains__(self, value: Decimal) -> bool:
        return self.low <= value <= self.high

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __mul__(self, other: Interval) -> Interval:
        products = [_times(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(products), max(products))

    def hull(self, other: Interval) -> Interval:
        """Return the smallest interval that contains both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))

    def clamp(self, other: Interval) -> Interval | None:
        """Return what both have in common; None if that is nothing."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Interval(low, high) if low <= high else None

    def widened(self, by: Decimal) -> Interval:
        """Return the interval with `by` more at either end (for what rounding to a tick may add)."""
        return Interval(self.low - by, self.high + by)


def point(value: Decimal) -> Interval:
    """Return the interval of one value."""
    return Interval(value, value)


POSITIVE = Interval(Decimal(0), INFINITE)
"""Any price: what is known of a result of which nothing is known."""


def _times(one: Decimal, other: Decimal) -> Decimal:
    # Zero times a bound that is not reached is zero: infinite bounds stand for "however large", not a value.
    return Decimal(0) if one == 0 or other == 0 else one * other
