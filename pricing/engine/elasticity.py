"""By how many per cent units change where the price changes by one: a line through logarithms (OLS)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

_PRECISION = 34
_ZERO = Decimal(0)


def slope(prices: Sequence[Decimal], units: Sequence[Decimal]) -> Decimal:
    """The slope of ln units on ln price by least squares; negative where dearer sells less.

    ValueError for fewer than two different prices, lists of unequal length, or values that are not above 0.
    """
    if len(prices) != len(units) or min((*prices, *units), default=_ZERO) <= 0:
        raise ValueError("there must be as many prices as units, all above 0")
    if len(set(prices)) < 2:
        raise ValueError("there must be at least two different prices")
    with localcontext() as context:
        context.prec = _PRECISION
        x, y = [price.ln() for price in prices], [each.ln() for each in units]
        mean_x, mean_y = sum(x, _ZERO) / len(x), sum(y, _ZERO) / len(y)
        covariance = sum(((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)), _ZERO)
        return covariance / sum(((a - mean_x) ** 2 for a in x), _ZERO)
