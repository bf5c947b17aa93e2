"""The lowest prices that keep a margin, where pricing makes no sense, and why no price may do.

Profit does not always grow with the price: it falls where a fee begins to take more. So there are two
answers per margin: `minimum`, the lowest tick that keeps it, and `safe`, the lowest from which every higher
tick keeps it. Both are exact; see docs/pricing-engine.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from pricing.engine.exact import lowest_real_price
from pricing.engine.plan import compile_plan, last_below
from pricing.engine.rounding import as_decimal, to_places
from pricing.engine.segments import first_reaching, intervals
from pricing.engine.shares import ShareTable, share_table
from pricing.structure import ZERO, BandFee, CostStructure, RateFee, TierMode

EXACT_PLACES = 6


@dataclass(frozen=True, slots=True)
class Root:
    """The prices that keep one margin.

    `minimum` is the lowest such tick up to the structure's highest price, `safe` the lowest tick from which
    every higher one keeps the margin too (None where the highest does not). `exact` is the infimum without
    ticks and rounding, to 6 decimals; it may lie beyond the highest price, and None says that no price at all
    keeps the margin. `intervals` are all runs of ticks that keep it, both ends included.
    """

    margin: Decimal
    minimum: Decimal | None
    safe: Decimal | None
    exact: Decimal | None
    intervals: tuple[tuple[Decimal, Decimal], ...]

    @property
    def is_feasible(self) -> bool:
        """Whether any tick keeps the margin."""
        return self.minimum is not None


@dataclass(frozen=True, slots=True)
class DeadZone:
    """Do not price strictly between `after` and `until`: less is left there than at `after`.

    `fee` and `bound` say what makes the zone, `contribution` what is left at `after`. `until` is the first
    higher tick that leaves as much; None: none does up to the highest price, the zone has no end.
    """

    fee: str
    bound: Decimal
    after: Decimal
    until: Decimal | None
    contribution: Decimal

    def holds(self, price: Decimal) -> bool:
        """Whether a price lies in the zone."""
        return self.after < price and (self.until is None or price < self.until)


@dataclass(frozen=True, slots=True)
class Solution:
    """Floor (or another lowest margin), target, dead zones; `shares` where one of the two has no tick."""

    floor: Root
    target: Root
    dead_zones: tuple[DeadZone, ...]
    shares: ShareTable | None


def solve(structure: CostStructure, margins: tuple[Decimal, Decimal] | None = None) -> Solution:
    """Everything about a structure; `margins` are those of floor and target (0 and the structure's own).

    ValueError where nothing can be computed of the structure, saying why.
    """
    low, high = margins or (ZERO, structure.target_margin)
    bottom = find_root(structure, low)
    target = bottom if high == low else find_root(structure, high)
    shares = None if bottom.is_feasible and target.is_feasible else share_table(structure)
    return Solution(bottom, target, find_dead_zones(structure), shares)


def find_root(structure: CostStructure, margin: Decimal) -> Root:
    """The prices that keep a margin."""
    wanted = Fraction(margin)
    runs = intervals(structure, wanted)
    count = compile_plan(structure).count
    exact = lowest_real_price(structure, wanted)
    return Root(
        margin=margin,
        minimum=structure.tick * runs[0][0] if runs else None,
        safe=structure.tick * runs[-1][0] if runs and runs[-1][1] == count else None,
        exact=None if exact is None else to_places(exact, EXACT_PLACES),
        intervals=tuple((structure.tick * first, structure.tick * last) for first, last in runs),
    )


def lowest_price(structure: CostStructure, margin: Decimal) -> Decimal | None:
    """The lowest tick that keeps the margin; None where no tick does."""
    runs = intervals(structure, Fraction(margin))
    return structure.tick * runs[0][0] if runs else None


def next_keeping(
    structure: CostStructure, price: Decimal, margin: Decimal, *, upward: bool = True
) -> Decimal | None:
    """The nearest tick at or above the price (below it where not `upward`) that keeps the margin."""
    ticks = Fraction(price) / Fraction(structure.tick)
    runs = intervals(structure, Fraction(margin))
    if upward:
        start = ceil(ticks)
        found = next((max(first, start) for first, last in runs if last >= start), None)
    else:
        start = floor(ticks)
        found = next((min(last, start) for first, last in reversed(runs) if first <= start), None)
    return None if found is None else structure.tick * found


def find_dead_zones(structure: CostStructure) -> tuple[DeadZone, ...]:
    """One zone per bound of a band or whole-price tier after which less is left, ascending, never merged."""
    plan = compile_plan(structure)
    found = []
    for fee, bound, is_inclusive in _bounds(structure):
        after = last_below(structure, fee, bound, is_inclusive)
        if not 0 < after < plan.count:
            continue
        level = plan.at(after)[0]
        if plan.at(after + 1)[0] >= level:
            continue
        until = first_reaching(structure, level, after + 1)
        zone = DeadZone(
            fee=fee.name,
            bound=bound,
            after=structure.tick * after,
            until=None if until is None else structure.tick * until,
            contribution=as_decimal(Fraction(level, plan.per_one)),
        )
        found.append(zone)
    return tuple(sorted(found, key=lambda zone: (zone.after, zone.until is None, zone.until or ZERO)))


def _bounds(structure: CostStructure) -> list[tuple[RateFee | BandFee, Decimal, bool]]:
    found: list[tuple[RateFee | BandFee, Decimal, bool]] = []
    for fee in structure.fees:
        if isinstance(fee, BandFee):
            found += [(fee, band.upper, band.is_inclusive) for band in fee.bands if band.upper is not None]
        elif isinstance(fee, RateFee) and fee.mode is TierMode.WHOLE:
            found += [(fee, tier.upper, True) for tier in fee.tiers if tier.upper is not None]
    return found
