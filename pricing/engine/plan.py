"""A cost structure compiled for search: the contribution at tick number i by integers alone.

`Plan.at(i)` gives exactly what `pricing.engine.contribution.evaluate` gives at price i × tick, as whole
numbers of one small unit. Within a `State` (which tier or band holds, whether minima and the return cap bind)
every line is a rounded affine function of i, which `pricing.engine.segments` builds upon.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor, lcm

from pricing.engine.rounding import CENT, half_up, to_step
from pricing.structure import (
    AdsByClick,
    AdsByShare,
    Band,
    BandFee,
    CostStructure,
    Fee,
    FeeTax,
    FixedFee,
    MultipleFee,
    RateFee,
    Tier,
    TierMode,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """The quote of a fee within a tier: (slope·x + offset) / parts billing units, at least `least` / parts.

    x is the tick's number, or net revenue in cents where the fee is on net, or the quote of another fee.
    """

    slope: int
    offset: int
    parts: int
    least: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One fee: its pieces, and for each the last tick that belongs to it (none for the last piece)."""

    name: str
    fee: Fee
    pieces: tuple[Piece, ...]
    lasts: tuple[int, ...]
    multiple_of: int | None
    is_on_net: bool
    is_freed: bool
    is_given_back: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The compiled structure. All `*_units` are whole numbers of 1 / `per_one` of the currency."""

    structure: CostStructure
    count: int
    net_slope: int
    net_parts: int
    lines: tuple[Line, ...]
    freed: tuple[int, int]
    bill_units: int
    cent_units: int
    ads_slope: tuple[int, int]
    ads_cents: int
    kept: Fraction
    kept_weight: int
    other_weight: int
    fixed_units: int
    admin_line: int | None
    admin_weight: int
    admin_cap: int | None
    per_one: int

    def net_cents(self, tick: int) -> int:
        """Net revenue in cents."""
        return (2 * self.net_slope * tick + self.net_parts) // (2 * self.net_parts)

    def at(self, tick: int) -> tuple[int, int]:
        """Contribution and the net revenue it is measured by, in `per_one`-ths."""
        net = self.net_cents(tick)
        given_back, others, first = 0, 0, 0
        quotes: list[int] = []
        for number, line in enumerate(self.lines):
            piece = line.pieces[bisect_left(line.lasts, tick)] if line.lasts else line.pieces[0]
            x = quotes[line.multiple_of] if line.multiple_of is not None else net if line.is_on_net else tick
            amount = piece.slope * x + piece.offset
            if piece.least is not None and amount < piece.least:
                amount = piece.least
            quote = half_up(amount, piece.parts)
            quotes.append(quote)
            if line.is_freed:
                units = half_up(quote * self.freed[0], self.freed[1]) * self.cent_units
            else:
                units = quote * self.bill_units
            if number == self.admin_line:
                first = units
            if line.is_given_back:
                given_back += units
            else:
                others += units
        slope, parts = self.ads_slope
        ads = self.ads_cents + (half_up(slope * net, parts) if slope else 0)
        cents = self.cent_units
        admin = self.admin_weight * first
        if self.admin_cap is not None and admin > self.admin_cap:
            admin = self.admin_cap
        left = (
            self.kept_weight * (net * cents - given_back)
            - self.other_weight * (others + ads * cents)
            - admin
            - self.fixed_units
        )
        return left, self.kept_weight * net * cents


@lru_cache(maxsize=8192)
def compile_plan(structure: CostStructure) -> Plan:
    """The plan of a structure; ValueError where the structure makes no sense, saying why."""
    problem = find_problem(structure)
    if problem:
        raise ValueError(problem)
    tick, with_tax = Fraction(structure.tick), 1 + Fraction(structure.tax_rate)
    unit = Fraction(structure.billing_unit)
    net = tick / with_tax / CENT
    freed = unit / with_tax / CENT
    money = lcm(100, unit.denominator)
    returns = structure.returns
    lost = Fraction(returns.rate) if returns else Fraction(0)
    fixed = sum((Fraction(cost.amount) for cost in structure.costs), Fraction(0))
    admin, cap = Fraction(0), None
    if returns:
        fixed += lost * (Fraction(returns.processing) - Fraction(returns.salvage) * Fraction(returns.landed))
        admin = lost * Fraction(returns.admin_rate)
        cap = None if returns.cap is None else lost * Fraction(returns.cap)
    per_one = lcm(
        money * lost.denominator, money * admin.denominator, fixed.denominator, cap.denominator if cap else 1
    )
    scale = per_one // money
    ads_slope, ads_cents = _ads(structure)
    first = next((n for n, fee in enumerate(structure.fees) if isinstance(fee, RateFee)), None)
    return Plan(
        structure=structure,
        count=floor(Fraction(structure.highest) / tick),
        net_slope=net.numerator,
        net_parts=net.denominator,
        lines=tuple(_line(structure, fee) for fee in structure.fees),
        freed=(freed.numerator, freed.denominator),
        bill_units=int(unit * money),
        cent_units=money // 100,
        ads_slope=ads_slope,
        ads_cents=ads_cents,
        kept=1 - lost,
        kept_weight=int((1 - lost) * scale),
        other_weight=scale,
        fixed_units=int(fixed * per_one),
        admin_line=first if returns else None,
        admin_weight=int(admin * scale),
        admin_cap=None if cap is None else int(cap * per_one),
        per_one=per_one,
    )


def find_problem(structure: CostStructure) -> str | None:
    """What makes a structure one that nothing can be computed of; None for a sound one."""
    for name, value in (
        ("tick", structure.tick),
        ("billing_unit", structure.billing_unit),
        ("1 + tax_rate", 1 + structure.tax_rate),
    ):
        if value <= 0:
            return f"{name} must be above 0"
    if structure.highest < structure.tick:
        return "the highest price is below the first tick"
    names: set[str] = set()
    for fee in structure.fees:
        if fee.name in names:
            return f"two fees are named {fee.name!r}"
        problem = _fee_problem(fee, names)
        if problem:
            return f"fee {fee.name!r}: {problem}"
        names.add(fee.name)
    if structure.returns and not 0 <= structure.returns.rate < 1:
        return "the rate of returns must be at least 0 and below 1"
    if isinstance(structure.ads, AdsByClick) and structure.ads.conversion_rate <= 0:
        return "the conversion rate of advertising must be above 0"
    return None


def _fee_problem(fee: Fee, earlier: set[str]) -> str | None:
    if isinstance(fee, MultipleFee):
        return None if fee.of in earlier else f"{fee.of!r} is not an earlier fee"
    if isinstance(fee, FixedFee):
        return None
    if fee.base_multiplier <= 0:
        return "the base multiplier must be above 0"
    parts: tuple[Tier, ...] | tuple[Band, ...] = fee.tiers if isinstance(fee, RateFee) else fee.bands
    if not parts or parts[-1].upper is not None:
        return "the last bound must be open, so that every price has an amount"
    if isinstance(fee, RateFee) and fee.mode is TierMode.FLAT and len(parts) > 1:
        return "a flat rate has one tier"
    ends = [(part.upper, isinstance(part, Tier) or part.is_inclusive) for part in parts[:-1]]
    bounds = [(bound, included) for bound, included in ends if bound is not None]
    if len(bounds) < len(parts) - 1 or any(a >= b for a, b in itertools.pairwise(bounds)):
        return "the bounds must ascend, and only the last may be open"
    return "bounds must be above 0" if bounds and bounds[0][0] <= 0 else None


def _line(structure: CostStructure, fee: Fee) -> Line:
    unit = Fraction(structure.billing_unit)
    lasts: list[int] = []
    is_on_net = isinstance(fee, RateFee | BandFee) and fee.is_on_net
    if isinstance(fee, MultipleFee):
        pieces = [_piece(Fraction(fee.rate), Fraction(0), None)]
    elif isinstance(fee, FixedFee):
        pieces = [_piece(Fraction(0), Fraction(fee.amount) / unit, None)]
    else:
        step = (CENT if is_on_net else Fraction(structure.tick)) * Fraction(fee.base_multiplier)
        if isinstance(fee, BandFee):
            lasts = [last_below(structure, fee, band.upper, band.is_inclusive) for band in fee.bands[:-1]]
            pieces = [_piece(Fraction(0), Fraction(band.amount) / unit, None) for band in fee.bands]
        else:
            lasts = [last_below(structure, fee, tier.upper, True) for tier in fee.tiers[:-1]]
            least = None if fee.minimum is None else Fraction(fee.minimum) / unit
            pieces = [
                _piece(rate * step / unit, offset / unit, least) for rate, offset in tier_functions(fee)
            ]
    return Line(
        name=fee.name,
        fee=fee,
        pieces=tuple(pieces),
        lasts=tuple(lasts),
        multiple_of=_position(structure, fee.of) if isinstance(fee, MultipleFee) else None,
        is_on_net=is_on_net,
        is_freed=fee.tax is FeeTax.INCLUDED_CREDITABLE,
        is_given_back=isinstance(fee, RateFee) and fee.is_refundable,
    )


def tier_functions(fee: RateFee) -> list[tuple[Fraction, Fraction]]:
    """(rate, offset) of each tier, so that within it the quote is rate × base + offset."""
    found, offset, lower_rate = [], Fraction(0), None
    lower = Fraction(0)
    for tier in fee.tiers:
        rate = Fraction(tier.rate)
        if fee.mode is TierMode.MARGINAL and lower_rate is not None:
            offset += (lower_rate - rate) * lower
        found.append((rate, offset))
        lower_rate = rate
        lower = Fraction(tier.upper) if tier.upper is not None else lower
    return found


def last_below(
    structure: CostStructure, fee: RateFee | BandFee, upper: Decimal | None, included: bool
) -> int:
    """The highest tick on the low side of a bound (0: none), by the base the fee is compared with.

    Net revenue grows with the price in steps, so its low side is a run of ticks too: net ≤ X cents holds as
    long as tick × slope / parts < X + 1/2.
    """
    assert upper is not None
    tick = Fraction(structure.tick)
    bound = Fraction(upper) / Fraction(fee.base_multiplier) / (CENT if fee.is_on_net else tick)
    whole = floor(bound) if included else ceil(bound) - 1
    if not fee.is_on_net:
        return whole
    net = tick / (1 + Fraction(structure.tax_rate)) / CENT
    return max(0, ceil((whole + Fraction(1, 2)) / net) - 1)


def _position(structure: CostStructure, name: str) -> int:
    return next(number for number, fee in enumerate(structure.fees) if fee.name == name)


def _piece(slope: Fraction, offset: Fraction, least: Fraction | None) -> Piece:
    parts = lcm(slope.denominator, offset.denominator, least.denominator if least is not None else 1)
    return Piece(
        int(slope * parts), int(offset * parts), parts, None if least is None else int(least * parts)
    )


def _ads(structure: CostStructure) -> tuple[tuple[int, int], int]:
    """Slope (of net cents) as a fraction, and a constant in cents."""
    ads = structure.ads
    if isinstance(ads, AdsByShare):
        rate = Fraction(ads.rate)
        return (rate.numerator, rate.denominator), 0
    if isinstance(ads, AdsByClick):
        amount = Fraction(ads.cost_per_click) / Fraction(ads.conversion_rate) * Fraction(ads.share)
        return (0, 1), int(to_step(amount, CENT) / CENT)
    return (0, 1), 0
