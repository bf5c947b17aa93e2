"""How long stock lasts, how good such a forecast was so far, and when to order again.

Days without stock say nothing about demand and are left out of the pace. The safety stock is the textbook's
z × σ × √lead time (Silver, Pyke and Thomas, Inventory and Production Management, ch. 6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """Units a day over the days with stock: the mean, its standard deviation, and how many days."""

    mean: Decimal
    deviation: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Cover:
    """How long `units` last at a pace: `days` None where nothing is sold, so that stock lasts for ever."""

    units: int
    pace: Pace
    days: Decimal | None

    def runs_out_on(self, today: date) -> date | None:
        """The first day without stock; None where it is more than ten years away."""
        if self.days is None or self.days > 3650:
            return None
        return today + timedelta(days=int(self.days))


def pace_of(sold: Mapping[date, int], without_stock: frozenset[date], first: date, last: date) -> Pace:
    """The pace from `first` to `last` (both included); a day without a sale counts as none sold.

    A day without stock counts only if something was sold on it all the same.
    """
    counted: list[int] = []
    day = first
    while day <= last:
        if sold.get(day) or day not in without_stock:
            counted.append(sold.get(day, 0))
        day += _DAY
    if not counted:
        return Pace(Decimal(0), Decimal(0), 0)
    n = len(counted)
    mean = Decimal(sum(counted)) / n
    square = sum(((count - mean) ** 2 for count in counted), Decimal(0))
    return Pace(mean, (square / (n - 1)).sqrt() if n > 1 else Decimal(0), n)


def cover_of(units: int, pace: Pace) -> Cover:
    """How many days `units` last at a pace."""
    return Cover(units, pace, None if pace.mean <= 0 else Decimal(units) / pace.mean)


def safety_days(pace: Pace, lead_days: int, factor: Decimal) -> Decimal:
    """Days of cover that a safety stock of `factor` standard deviations over the lead time stands for."""
    if pace.mean <= 0:
        return Decimal(0)
    return factor * pace.deviation * Decimal(lead_days).sqrt() / pace.mean


def order_quantity(cover: Cover, *, lead_days: int, safety: Decimal, review_days: int) -> int:
    """Units to order now so that stock lasts through the lead time, the safety and one review period."""
    wanted = cover.pace.mean * (lead_days + review_days + safety) - cover.units
    return max(int(wanted.to_integral_value(rounding="ROUND_CEILING")), 0)


def forecast_error(
    sold: Mapping[date, int], without_stock: frozenset[date], last: date, *, horizon: int, history: int
) -> Decimal | None:
    """How far off a forecast made `horizon` days before `last` was: |forecast − sold| / sold, as a share.

    None where nothing was sold in the horizon, or a day of it was without stock (what could have been sold
    is unknown then).
    """
    days = [last - timedelta(days=n) for n in range(horizon)]
    if any(day in without_stock for day in days):
        return None
    actual = sum(sold.get(day, 0) for day in days)
    start = last - timedelta(days=horizon)
    pace = pace_of(sold, without_stock, start - timedelta(days=history - 1), start)
    return None if actual == 0 or pace.days == 0 else abs(pace.mean * horizon - actual) / actual


def weighted_error(errors: Sequence[tuple[Decimal, int]]) -> Decimal | None:
    """The mean error weighted by units (WAPE) of (error, units) pairs; None of none."""
    units = sum(weight for _, weight in errors)
    return sum((error * weight for error, weight in errors), Decimal(0)) / units if units else None
