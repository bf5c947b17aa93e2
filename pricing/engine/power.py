"""How long a price test must run before it can show anything.

Statistics, so floats; the answers are whole numbers of sessions or periods, rounded up. Formulas: two
proportions with the pooled variance under the null (Fleiss, Levin & Paik 2003, section 4.2); two means with
equal arms, stretched by (1 + r) / (1 − r) for neighbouring periods that resemble each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt
from statistics import NormalDist, fmean, stdev

ALPHA = 0.05
POWER = 0.8

_NOISE = 1e-9
_MOST_AUTOCORRELATION = 0.95
LEAST_HISTORY = 14
"""Days of history below which nothing is said of power."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a test of `counted_days` days in both arms can show, judged by the days before it.

    `mean` and `deviation` are those of the figure per day, `autocorrelation` its likeness to the day before
    (not below 0). `detectable` is the smallest change of the mean that shows in four of five such tests, as a
    share of it; `days_needed` the length at which `wanted` would. None: history tells too little.
    """

    history_days: int
    mean: float | None
    deviation: float | None
    autocorrelation: float | None
    counted_days: int
    detectable: float | None
    wanted: float
    days_needed: int | None

    @property
    def is_long_enough(self) -> bool:
        """Will the change that is wanted show?"""
        return self.detectable is not None and self.detectable <= self.wanted


def sessions_per_arm(
    baseline: float, relative_lift: float, *, alpha: float = ALPHA, power: float = POWER
) -> int:
    """Sessions each arm needs to show a relative change of a conversion rate, two-sided.

    ValueError where a rate is not between 0 and 1 or nothing is to be shown.
    """
    lifted = baseline * (1 + relative_lift)
    if not (0 < baseline < 1 and 0 < lifted < 1) or lifted == baseline:
        raise ValueError("both conversion rates must lie between 0 and 1 and differ")
    pooled = (baseline + lifted) / 2
    null = sqrt(2 * pooled * (1 - pooled))
    other = sqrt(baseline * (1 - baseline) + lifted * (1 - lifted))
    spread = _z(1 - _share(alpha) / 2) * null + _z(_share(power)) * other
    return _up((spread / (lifted - baseline)) ** 2)


def periods_per_arm(
    deviation: float,
    least_change: float,
    *,
    autocorrelation: float = 0.0,
    alpha: float = ALPHA,
    power: float = POWER,
) -> int:
    """Periods (days, blocks) each arm needs to show a change of a mean of at least `least_change`, two-sided.

    `deviation` is the standard deviation of one period, `autocorrelation` how much neighbouring periods
    resemble each other (lag 1).
    """
    if deviation < 0 or least_change == 0 or not -1 < autocorrelation < 1:
        raise ValueError("a deviation is not below 0, a change not 0, an autocorrelation between -1 and 1")
    z = _z(1 - _share(alpha) / 2) + _z(_share(power))
    periods = 2 * (z * deviation / least_change) ** 2
    return _up(periods * (1 + autocorrelation) / (1 - autocorrelation))


def detectable_change(
    deviation: float,
    periods: int,
    *,
    autocorrelation: float = 0.0,
    alpha: float = ALPHA,
    power: float = POWER,
) -> float:
    """The smallest change of a mean that `periods` periods per arm show; the inverse of `periods_per_arm`."""
    if periods < 1:
        raise ValueError("an arm has a period at least")
    z = _z(1 - _share(alpha) / 2) + _z(_share(power))
    return z * deviation * sqrt(2 * (1 + autocorrelation) / (1 - autocorrelation) / periods)


def plan_power(
    history: Sequence[float], *, blocks: int, block_days: int, washout_days: int, wanted: float
) -> Planned:
    """Judge a switchback design by the figure's last days, in order; `wanted` is a share of the mean."""
    counted = blocks * (block_days - washout_days)
    if len(history) < LEAST_HISTORY or fmean(history) <= 0:
        mean = fmean(history) if history else None
        return Planned(len(history), mean, None, None, counted, None, wanted, None)
    mean, deviation = fmean(history), stdev(history)
    likeness = _autocorrelation(history)
    detectable = detectable_change(deviation, counted // 2, autocorrelation=likeness) / mean
    periods = periods_per_arm(deviation, wanted * mean, autocorrelation=likeness)
    # An arm is half of the blocks, and of every block only the days behind the washout count.
    blocks_needed = 2 * ceil(periods / (block_days - washout_days))
    days_needed = max(blocks_needed, 4) * block_days
    return Planned(len(history), mean, deviation, likeness, counted, detectable, wanted, days_needed)


def _autocorrelation(values: Sequence[float]) -> float:
    """Lag 1, not below 0: days that take turns would promise too much."""
    mean = fmean(values)
    spread = sum((value - mean) ** 2 for value in values)
    if spread <= 0:
        return 0.0
    neighbours = pairwise(values)
    likeness = sum((one - mean) * (other - mean) for one, other in neighbours) / spread
    return min(max(likeness, 0.0), _MOST_AUTOCORRELATION)


def _up(count: float) -> int:
    """To a whole number, not one more for the noise of floats."""
    return max(1, ceil(count - _NOISE * max(1.0, count)))


def _share(value: float) -> float:
    if not 0 < value < 1:
        raise ValueError("alpha and power must lie between 0 and 1")
    return value


def _z(share: float) -> float:
    return NormalDist().inv_cdf(share)
