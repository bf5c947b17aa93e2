"""How likely so few orders are, when clicks convert as usual: the Poisson distribution's lower tail."""

from __future__ import annotations

from decimal import Decimal


def at_most(count: int, expected: Decimal) -> Decimal:
    """P(X ≤ count) of a Poisson variable with this mean: e^−λ Σ λ^k / k!, summed from k = 0."""
    if expected <= 0:
        return Decimal(1)
    term = (-expected).exp()
    total = term
    for k in range(1, count + 1):
        term = term * expected / k
        total += term
    return min(total, Decimal(1))
