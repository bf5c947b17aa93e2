"""At which ticks a margin is kept: exactly what a scan over all ticks finds, without the scan.

Between the ticks where a tier, band, minimum or return cap begins to hold, every line is an affine function
of the tick, rounded. Rounding moves a line by at most half a step, so g = c − m·n differs from its affine
function A·i + B by at most a bound E, the sum over the lines of what each rounding can do:

* net revenue: half a cent; a fee on net passes it on with its rate;
* a quote: half a billing unit, more by what its base brought; a fee on another fee's quote likewise;
* a quote freed of tax: its own error / (1 + t), and half a cent; advertising as a share: half a cent more.

Lines that do not depend on the price are rounded beforehand and add nothing. Where A·i + B ≥ E the margin is
kept, where A·i + B < −E it is not, and only the ticks between are computed one by one: a handful around each
root, as many as 2E/|A|.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from math import ceil, floor

from pricing.engine.plan import Line, Plan, compile_plan
from pricing.engine.rounding import half_up
from pricing.structure import CostStructure

HALF = Fraction(1, 2)
ZERO = Fraction(0)

Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Affine:
    """slope × tick + offset, off by at most `error`."""

    slope: Fraction
    offset: Fraction
    error: Fraction

    def times(self, factor: Fraction) -> Affine:
        """Scaled, the error too."""
        return Affine(self.slope * factor, self.offset * factor, self.error * abs(factor))

    def rounded(self) -> Affine:
        """To whole numbers: exact where nothing varies, otherwise off by half a step more."""
        if not self.slope and not self.error:
            return Affine(ZERO, Fraction(half_up(self.offset.numerator, self.offset.denominator)), ZERO)
        if not self.error and self.slope.denominator == self.offset.denominator == 1:
            return self
        return Affine(self.slope, self.offset, self.error + HALF)

    def minus(self, other: Affine) -> Affine:
        """The difference; errors add up."""
        return Affine(self.slope - other.slope, self.offset - other.offset, self.error + other.error)


@dataclass(frozen=True, slots=True)
class Segment:
    """Ticks first..last in which c and n (in `Plan.per_one`-ths) follow one affine function each."""

    first: int
    last: int
    left: Affine
    base: Affine


@lru_cache(maxsize=8192)
def segments_of(structure: CostStructure) -> tuple[Plan, tuple[Segment, ...]]:
    """The plan of a structure and its segments, which cover 1..plan.count without a gap."""
    plan = compile_plan(structure)
    found = []
    for first, last in _cut(plan):
        left, base = _functions(plan, first)
        found.append(Segment(first, last, left, base))
    return plan, tuple(found)


@lru_cache(maxsize=16384)
def intervals(structure: CostStructure, margin: Fraction) -> tuple[Interval, ...]:
    """The runs of ticks (by number) that keep the margin: c ≥ m·n, compared unrounded."""
    plan, segments = segments_of(structure)

    def keeps(tick: int) -> bool:
        left, base = plan.at(tick)
        return left * margin.denominator >= margin.numerator * base

    runs: list[Interval] = []
    for segment in segments:
        surplus = segment.left.minus(segment.base.times(margin))
        for first, last in _runs(segment, surplus, keeps):
            if runs and runs[-1][1] == first - 1:
                runs[-1] = (runs[-1][0], last)
            else:
                runs.append((first, last))
    return tuple(runs)


def first_reaching(structure: CostStructure, level: int, start: int) -> int | None:
    """The first tick ≥ start whose contribution is at least `level` (in `Plan.per_one`-ths)."""
    plan, segments = segments_of(structure)
    wanted = Affine(ZERO, Fraction(level), ZERO)
    for segment in segments:
        if segment.last < start:
            continue
        part = Segment(max(segment.first, start), segment.last, segment.left, segment.base)
        for first, _ in _runs(part, segment.left.minus(wanted), lambda tick: plan.at(tick)[0] >= level):
            return first
    return None


def _runs(segment: Segment, surplus: Affine, keeps: Callable[[int], bool]) -> Iterator[Interval]:
    """The runs of one segment, ascending; neighbours may touch."""
    slope, offset, error = surplus.slope, surplus.offset, surplus.error
    low, high = segment.first, segment.last
    if slope > 0:
        begin, end = ceil((-error - offset) / slope), ceil((error - offset) / slope) - 1
        sure = (max(end + 1, low), high)
    elif slope < 0:
        begin, end = floor((error - offset) / slope) + 1, floor((-error - offset) / slope)
        sure = (low, min(begin - 1, high))
    elif offset >= error:
        begin, end, sure = low, low - 1, (low, high)
    elif offset < -error:
        return
    else:
        begin, end, sure = low, high, (low, low - 1)
    if slope < 0 and sure[0] <= sure[1]:
        yield sure
    yield from _scan(max(begin, low), min(end, high), keeps)
    if slope >= 0 and sure[0] <= sure[1]:
        yield sure


def _scan(first: int, last: int, keeps: Callable[[int], bool]) -> Iterator[Interval]:
    begun: int | None = None
    for tick in range(first, last + 1):
        if keeps(tick):
            begun = tick if begun is None else begun
        elif begun is not None:
            yield begun, tick - 1
            begun = None
    if begun is not None:
        yield begun, last


def _cut(plan: Plan) -> list[Interval]:
    """Runs of ticks in which the same pieces, minima and cap hold."""
    ends = {last for line in plan.lines for last in line.lasts if 0 < last < plan.count}
    for line in plan.lines:
        if any(piece.least is not None for piece in line.pieces):
            ends |= _turns(_bounds(ends, plan.count), partial(_is_least, plan, line))
    if plan.admin_cap is not None and plan.admin_line is not None:
        capped = plan.lines[plan.admin_line]
        ends |= _turns(_bounds(ends, plan.count), partial(_is_capped, plan, capped))
    return _bounds(ends, plan.count)


def _bounds(ends: set[int], count: int) -> list[Interval]:
    ordered = [*sorted(ends), count]
    return list(zip([1, *(end + 1 for end in ordered[:-1])], ordered, strict=True))


def _turns(parts: list[Interval], holds: Callable[[int], bool]) -> set[int]:
    """The last tick before `holds` changes, in each part (within one it changes at most once)."""
    found = set()
    for first, last in parts:
        before = holds(first)
        if holds(last) == before:
            continue
        low, high = first, last
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if holds(middle) == before else (low, middle)
        found.add(low)
    return found


def _amount(plan: Plan, line: Line, tick: int) -> tuple[int, int | None, int]:
    """Of a rate or band fee: the unrounded quote, its minimum, and what both are parts of."""
    piece = line.pieces[bisect_left(line.lasts, tick)]
    x = plan.net_cents(tick) if line.is_on_net else tick
    return piece.slope * x + piece.offset, piece.least, piece.parts


def _is_least(plan: Plan, line: Line, tick: int) -> bool:
    amount, least, _ = _amount(plan, line, tick)
    return least is not None and amount < least


def _is_capped(plan: Plan, line: Line, tick: int) -> bool:
    amount, least, parts = _amount(plan, line, tick)
    quote = half_up(amount if least is None else max(amount, least), parts)
    units = (
        half_up(quote * plan.freed[0], plan.freed[1]) * plan.cent_units
        if line.is_freed
        else quote * plan.bill_units
    )
    return plan.admin_cap is not None and plan.admin_weight * units > plan.admin_cap


def _functions(plan: Plan, tick: int) -> tuple[Affine, Affine]:
    """The affine functions of c and n that hold at a tick and in all of its segment."""
    net = Affine(Fraction(plan.net_slope, plan.net_parts), ZERO, ZERO).rounded()
    itself = Affine(Fraction(1), ZERO, ZERO)
    revenue = net.times(Fraction(plan.cent_units))
    left = revenue.times(Fraction(plan.kept_weight))
    base = left
    quotes: list[Affine] = []
    for number, line in enumerate(plan.lines):
        x = quotes[line.multiple_of] if line.multiple_of is not None else net if line.is_on_net else itself
        quotes.append(_quote(plan, line, tick, x))
        units = (
            quotes[-1].times(Fraction(*plan.freed)).rounded().times(Fraction(plan.cent_units))
            if line.is_freed
            else quotes[-1].times(Fraction(plan.bill_units))
        )
        weight = plan.kept_weight if line.is_given_back else plan.other_weight
        left = left.minus(units.times(Fraction(weight)))
        if number == plan.admin_line and not _is_capped(plan, line, tick):
            left = left.minus(units.times(Fraction(plan.admin_weight)))
        elif number == plan.admin_line:
            left = left.minus(Affine(ZERO, Fraction(plan.admin_cap or 0), ZERO))
    ads = net.times(Fraction(*plan.ads_slope)).rounded()
    constant = Fraction(plan.ads_cents * plan.cent_units * plan.other_weight + plan.fixed_units)
    left = left.minus(ads.times(Fraction(plan.cent_units * plan.other_weight)))
    return left.minus(Affine(ZERO, constant, ZERO)), base


def _quote(plan: Plan, line: Line, tick: int, x: Affine) -> Affine:
    piece = line.pieces[bisect_left(line.lasts, tick)] if line.lasts else line.pieces[0]
    if line.multiple_of is None and _is_least(plan, line, tick):
        return Affine(ZERO, Fraction(piece.least or 0, piece.parts), ZERO).rounded()
    scaled = x.times(Fraction(piece.slope, piece.parts))
    return Affine(scaled.slope, scaled.offset + Fraction(piece.offset, piece.parts), scaled.error).rounded()
