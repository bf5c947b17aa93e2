"""Which price earns most when demand answers to it with a constant elasticity.

With units ∝ p^−e (e > 1) and a contribution of k·p − F the profit is greatest at p = e/(e−1) · F/k
(domain reference, section 2). Fee tiers cut the contribution into pieces that are straight, so the best price
is the best of each piece's own optimum and the ends of the pieces; it is compared by exact contributions.
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from math import ceil, floor

from pricing.engine.segments import Segment, segments_of
from pricing.structure import CostStructure

_EXACT = Context(prec=34)


def constant_elasticity_price(elasticity: Decimal, unit_cost: Decimal, kept_share: Decimal) -> Decimal | None:
    """Return e/(e−1) · unit cost / kept share of the price, unrounded; None where no best price exists.

    `elasticity` is negative (−2.5: one per cent dearer, two and a half per cent fewer units); at −1 or above
    a higher price always earns more. `kept_share` is what is left of each unit of price after fees on it.
    """
    if elasticity >= -1 or kept_share <= 0:
        return None
    strength = -elasticity
    return _EXACT.divide(strength * unit_cost, (strength - 1) * kept_share)


def best_price(
    structure: CostStructure, elasticity: Decimal, *, low: Decimal, high: Decimal
) -> Decimal | None:
    """Return the tick between `low` and `high` that earns most; the lower of two equals.

    None where no tick there earns anything, or where demand answers too little for a best price to exist.
    """
    if elasticity >= -1:
        return None
    tick = Fraction(structure.tick)
    first, last = max(ceil(Fraction(low) / tick), 1), floor(Fraction(high) / tick)
    plan, segments = segments_of(structure)
    strength = Fraction(-elasticity)
    best: tuple[Decimal, int] | None = None
    for candidate in sorted({each for part in segments for each in _candidates(part, strength, first, last)}):
        left = plan.at(candidate)[0]
        if left <= 0:
            continue
        profit = _EXACT.multiply(Decimal(left), _EXACT.power(Decimal(candidate), elasticity))
        if best is None or profit > best[0]:
            best = (profit, candidate)
    return structure.tick * best[1] if best is not None else None


def _candidates(segment: Segment, strength: Fraction, first: int, last: int) -> set[int]:
    """The ticks of a piece that can be its best: its ends, and those around its own optimum."""
    low, high = max(segment.first, first), min(segment.last, last)
    if low > high:
        return set()
    slope, offset = segment.left.slope, segment.left.offset
    found = {low, high}
    if slope > 0 and offset < 0:
        turn = floor(strength / (strength - 1) * -offset / slope)
        found |= {each for each in (turn, turn + 1) if low <= each <= high}
    return found
