"""How strongly units answer to price: the slope of ln units on ln price, with its confidence interval.

Ordinary least squares of log on log, as the domain reference's method (`elasticity_ols`: prices 20 to 24,
units 120 to 81, slope −2.176). Several SKUs are pooled within: deviations from each SKU's own means, so the
slope is the mean of the SKUs' slopes weighted by how much each one's price varied, never a plain mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

# Student's t, 97.5 %, for 1 to 30 degrees of freedom (standard table), and the steps beyond.
_T = (
    "12.706", "4.303", "3.182", "2.776", "2.571", "2.447", "2.365", "2.306", "2.262", "2.228",
    "2.201", "2.179", "2.160", "2.145", "2.131", "2.120", "2.110", "2.101", "2.093", "2.086",
    "2.080", "2.074", "2.069", "2.064", "2.060", "2.056", "2.052", "2.048", "2.045", "2.042",
)  # fmt: skip
_T_BEYOND = ((40, "2.021"), (60, "2.000"), (120, "1.980"))
_T_NORMAL = "1.960"


@dataclass(frozen=True, slots=True)
class Elasticity:
    """`slope` is d ln units / d ln price. `low` and `high` are its 95 % interval, None where the points leave
    no degree of freedom to judge it."""

    slope: Decimal
    low: Decimal | None
    high: Decimal | None
    n: int


def fit(prices: Sequence[Decimal], units: Sequence[Decimal]) -> Elasticity | None:
    """Fit one SKU's points, all above zero; None where the price never varied. `ValueError` for unequal
    lengths."""
    points = [(price.ln(), unit.ln()) for price, unit in zip(prices, units, strict=True)]
    if not points:
        return None
    mean_x = sum((x for x, _ in points), Decimal(0)) / len(points)
    mean_y = sum((y for _, y in points), Decimal(0)) / len(points)
    return pooled(
        sxx=sum(((x - mean_x) ** 2 for x, _ in points), Decimal(0)),
        sxy=sum(((x - mean_x) * (y - mean_y) for x, y in points), Decimal(0)),
        syy=sum(((y - mean_y) ** 2 for _, y in points), Decimal(0)),
        points=len(points),
        groups=1,
    )


def pooled(*, sxx: Decimal, sxy: Decimal, syy: Decimal, points: int, groups: int) -> Elasticity | None:
    """The slope from sums of squares and products about each group's own means; None without variation.

    Every group costs one degree of freedom (its mean), the slope another one.
    """
    if sxx <= 0:
        return None
    slope = sxy / sxx
    freedom = points - groups - 1
    if freedom < 1:
        return Elasticity(slope, None, None, points)
    residual = max(syy - slope * sxy, Decimal(0))
    reach = student_t(freedom) * (residual / freedom / sxx).sqrt()
    return Elasticity(slope, slope - reach, slope + reach, points)


def student_t(freedom: int) -> Decimal:
    """The 97.5th percentile of Student's t; between the table's steps that of fewer degrees, so intervals are
    never too narrow."""
    if freedom <= len(_T):
        return Decimal(_T[freedom - 1])
    passed = [value for least, value in _T_BEYOND if freedom >= least]
    if freedom > 1_000:
        return Decimal(_T_NORMAL)
    return Decimal(passed[-1] if passed else _T[-1])
