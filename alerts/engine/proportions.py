"""How sure a share of few cases is: Wilson's score interval."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

# The two-sided 95 % quantile of the normal distribution.
_Z = Decimal("1.959963984540054")
_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n`, as a fraction with its 95 % interval; all None when there are no cases."""

    hits: int
    n: int
    rate: Decimal | None
    low: Decimal | None
    high: Decimal | None


def wilson(hits: int, n: int) -> Share:
    """The share of `hits` in `n` with Wilson's 95 % score interval (E. B. Wilson, JASA 22, 1927)."""
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no share")
    if n == 0:
        return Share(0, 0, None, None, None)
    with localcontext() as context:
        context.prec = 28
        share, count, square = Decimal(hits) / n, Decimal(n), _Z * _Z
        middle = (share + square / (2 * count)) / (1 + square / count)
        spread = (share * (1 - share) / count + square / (4 * count * count)).sqrt() * _Z
        spread /= 1 + square / count
        low, high = max(Decimal(0), middle - spread), min(Decimal(1), middle + spread)
    return Share(hits, n, share.quantize(_PLACES), low.quantize(_PLACES), high.quantize(_PLACES))
