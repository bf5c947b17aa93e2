"""Where a KPI is heading: its history's trend with a confidence interval, and what scenarios would make of
it.

The slope is Theil and Sen's: the median of the slopes between all pairs of points, which a few odd weeks
cannot turn round; its interval follows from Kendall's τ (Sen 1968). A scenario is a slope and a level that a
decision is expected to change; each is told with the same interval around it, that of the history's own
scatter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from statistics import median

LEAST_POINTS = 6
FULL_HISTORY = 26
# Two-sided 90 %: 1.645 deviations of the normal distribution.
Z = Decimal("1.645")
# The median absolute deviation of a normal distribution times this is its standard deviation.
MAD_TO_DEVIATION = Decimal("1.4826")
ZERO = Decimal(0)


class TrendConfidence(StrEnum):
    """How much the history supports an outlook: by its length, and whether its trend is more than scatter."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Trend:
    """The line through a history: value at its last point, change per period with its 90 % interval, and the
    standard deviation of the points around it."""

    level: Decimal
    slope: Decimal
    slope_low: Decimal
    slope_high: Decimal
    scatter: Decimal
    points: int

    @property
    def is_clear(self) -> bool:
        """Does the interval of the slope leave zero out?"""
        return self.slope_low > 0 or self.slope_high < 0

    @property
    def confidence(self) -> TrendConfidence:
        """High needs half a year, a scatter below a tenth of the level, or else a clear trend."""
        calm = self.level != 0 and self.scatter <= abs(self.level) / 10
        if self.points >= FULL_HISTORY and (calm or self.is_clear):
            return TrendConfidence.HIGH
        if self.points >= FULL_HISTORY // 2 and (calm or self.is_clear):
            return TrendConfidence.MEDIUM
        return TrendConfidence.LOW


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scenario expects at its end, with its 90 % interval, and on average on the way there."""

    name: str
    last: Decimal
    low: Decimal
    high: Decimal
    mean: Decimal


def trend_of(history: Sequence[Decimal | None]) -> Trend | None:
    """Fit the line; None stands for a period without a value. None is returned below six values."""
    known = [(Decimal(n), value) for n, value in enumerate(history) if value is not None]
    if len(known) < LEAST_POINTS:
        return None
    slopes = sorted(
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for n, earlier in enumerate(known)
        for later in known[n + 1 :]
    )
    slope = median(slopes)
    level_at_zero = median(value - slope * at for at, value in known)
    off = [value - level_at_zero - slope * at for at, value in known]
    low, high = _interval(slopes, len(known))
    return Trend(
        level=level_at_zero + slope * (len(history) - 1),
        slope=slope,
        slope_low=low,
        slope_high=high,
        scatter=MAD_TO_DEVIATION * median(abs(each - median(off)) for each in off),
        points=len(known),
    )


def outcome(name: str, trend: Trend, horizon: int, *, slope: Decimal, shift: Decimal = ZERO) -> Outcome:
    """Carry the level on for `horizon` periods with a slope, after a shift by a share of it (0.1: +10 %)."""
    level = trend.level * (1 + shift)
    last = level + slope * horizon
    # The slope's own doubt grows with the distance, the scatter is there at any.
    doubt = (trend.slope_high - trend.slope_low) / 2 * horizon
    half = (doubt**2 + (Z * trend.scatter) ** 2).sqrt()
    return Outcome(name, last, last - half, last + half, level + slope * (horizon + 1) / 2)


def scenarios(trend: Trend, horizon: int, shifts: Sequence[Decimal]) -> list[Outcome]:
    """Return staying as it is, following the trend, and the trend after each shift."""
    return [
        outcome("unchanged", trend, horizon, slope=ZERO),
        outcome("trend", trend, horizon, slope=trend.slope),
        *(
            outcome(f"shift {shift.normalize():+f}", trend, horizon, slope=trend.slope, shift=shift)
            for shift in shifts
        ),
    ]


def _interval(slopes: Sequence[Decimal], n: int) -> tuple[Decimal, Decimal]:
    """The 90 % interval of the slope: so many ranks to both sides of the median as τ's deviation says."""
    half = Z * (Decimal(n * (n - 1) * (2 * n + 5)) / 18).sqrt()
    low = int((len(slopes) - half) / 2)
    return slopes[max(low, 0)], slopes[min(len(slopes) - 1 - low, len(slopes) - 1)]
