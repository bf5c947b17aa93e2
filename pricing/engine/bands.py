"""How the prices of a market are spread, where ours stand among them, and how they compare, with samples.

Bands are exact; the index is a statistic and computed in floating point, rounded to six decimals.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, exp, log, sqrt
from statistics import fmean, stdev

LEAST_SAMPLE = 10
"""Below it bands are shown with a warning."""

_PLACES = Decimal("0.000001")
# Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom.
_T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Band:
    """Prices from `low` (included) to `high` (excluded, but for the last band); None: without end.

    `count` offers of others and `own_count` of ours lie in it; `share` is `count` of all others'.
    """

    low: Decimal | None
    high: Decimal | None
    count: int
    share: Decimal
    own_count: int


@dataclass(frozen=True, slots=True)
class PriceBands:
    """The spread of a market's prices. `below_own` is the share of others' offers below our median."""

    sample: int
    is_enough: bool
    bands: tuple[Band, ...]
    own_median: Decimal | None
    below_own: Decimal | None


@dataclass(frozen=True, slots=True)
class Competitiveness:
    """exp(mean ln(ours/lowest of others)) over `sample` products with its 95 % interval (None below two).

    1 is as dear as the cheapest rival, 1.05 five per cent dearer.
    """

    sample: int
    index: Decimal | None
    low: Decimal | None
    high: Decimal | None


def quantile_edges(prices: Sequence[Decimal], parts: int) -> tuple[Decimal, ...]:
    """The inner bounds that part prices into equal shares (inverse empirical distribution, no interpolation).

    Ties make fewer bounds than `parts` − 1. `ValueError` for less than two parts.
    """
    if parts < 2:
        raise ValueError("bands need at least two parts")
    ordered = sorted(prices)
    edges = {ordered[ceil(len(ordered) * part / parts) - 1] for part in range(1, parts)} if ordered else set()
    return tuple(sorted(edges - {ordered[0]} if ordered else edges))


def price_bands(prices: Sequence[Decimal], own: Sequence[Decimal], edges: Sequence[Decimal]) -> PriceBands:
    """Spread others' prices over the bands between `edges` (inner bounds, any order) and place ours."""
    ordered, ours, bounds = sorted(prices), sorted(own), sorted(set(edges))
    bands = tuple(
        Band(low, high, count, _share(count, len(ordered)), _within(ours, low, high))
        for low, high in zip((None, *bounds), (*bounds, None), strict=True)
        for count in (_within(ordered, low, high),)
    )
    middle = ours[(len(ours) - 1) // 2] if ours else None
    below = None if middle is None or not ordered else _share(bisect_left(ordered, middle), len(ordered))
    return PriceBands(len(ordered), len(ordered) >= LEAST_SAMPLE, bands if ordered else (), middle, below)


def competitiveness(pairs: Sequence[tuple[Decimal, Decimal]]) -> Competitiveness:
    """The index of (ours, lowest of others), a pair of landed prices a product; both above zero to count."""
    logs = [log(float(ours) / float(lowest)) for ours, lowest in pairs if ours > 0 and lowest > 0]
    if not logs:
        return Competitiveness(0, None, None, None)
    mean = fmean(logs)
    if len(logs) < 2:
        return Competitiveness(1, _figure(exp(mean)), None, None)
    half = _t95(len(logs) - 1) * stdev(logs) / sqrt(len(logs))
    return Competitiveness(
        len(logs), _figure(exp(mean)), _figure(exp(mean - half)), _figure(exp(mean + half))
    )


def _within(ordered: Sequence[Decimal], low: Decimal | None, high: Decimal | None) -> int:
    first = 0 if low is None else bisect_left(ordered, low)
    return (len(ordered) if high is None else bisect_left(ordered, high)) - first


def _share(part: int, whole: int) -> Decimal:
    return (Decimal(part) / whole).quantize(_PLACES) if whole else Decimal(0)


def _figure(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(_PLACES)


def _t95(freedom: int) -> float:
    """Student's t, beyond the table by the expansion of Cornish and Fisher (error below 0.001)."""
    if freedom <= len(_T):
        return _T[freedom - 1]
    return _Z + (_Z**3 + _Z) / (4 * freedom) + (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / (96 * freedom**2)
