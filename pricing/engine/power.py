"""How long a price test must run before it can show anything.

Statistics, so floats; the answers are whole numbers of sessions or periods, rounded up. Formulas: two
proportions with the pooled variance under the null (Fleiss, Levin & Paik 2003, section 4.2); two means with
equal arms, stretched by (1 + r) / (1 − r) for neighbouring periods that resemble each other.
"""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

ALPHA = 0.05
POWER = 0.8

_NOISE = 1e-9


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


def _up(count: float) -> int:
    """To a whole number, not one more for the noise of floats."""
    return max(1, ceil(count - _NOISE * max(1.0, count)))


def _share(value: float) -> float:
    if not 0 < value < 1:
        raise ValueError("alpha and power must lie between 0 and 1")
    return value


def _z(share: float) -> float:
    return NormalDist().inv_cdf(share)
