"""Statistics that a few absurd values do not move, exactly in `Decimal`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

# Makes the median absolute deviation of normal data equal to its standard deviation (Rousseeuw & Croux 1993).
MAD_SCALE = Decimal("1.4826")


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle value, or the mean of the two in the middle; `ValueError` for none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def far_from_median(values: Sequence[Decimal], *, widths: Decimal, least_width: Decimal) -> list[bool]:
    """Which values lie more than `widths` robust standard deviations from the median.

    A width is never less than `least_width` of the median, so that prices which nearly all agree do not make
    an honest discount an outlier.
    """
    middle = median(values)
    spread = MAD_SCALE * median([abs(value - middle) for value in values])
    limit = widths * max(spread, least_width * abs(middle))
    return [abs(value - middle) > limit for value in values]
