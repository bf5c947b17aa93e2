"""The solver's arithmetic over columns: floors, targets and prices of many SKUs at once, exactly.

Everything that decides is int64: amounts in cents, rates in ppm, one rate at a time (price × rate is divided
and rounded before anything else is multiplied). A `float64` only says where the exact search begins: below
(F − E) / slope no tick can keep the margin, by the bound E of `pricing.engine.segments`; a thousandth of a
cent is taken off for the float's own error, which is a thousand times smaller. From there ticks are asked
one by one, in the rows that have no answer yet. Rows in which that could take long (a slope near zero) are
given to the solver itself.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from enum import IntFlag
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pricing.engine.shape import PPM, Batch, Integers, Shape, cents, structure_of
from pricing.engine.solve import lowest_price
from pricing.engine.vector_endings import Endings, choose
from pricing.structure import TierMode

CHUNK = 16_384
"""Rows at a time: their columns stay in a core's cache."""

MOST_STEPS = 64
"""Ticks asked one by one in a row; where the bound allows for more the solver answers."""

NONE = -1
_SLACK = 1e-3

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Why(IntFlag):
    """What is to be said of a row's price; bits of `Priced.reasons`."""

    NO_FLOOR = 1
    """No tick breaks even."""
    NO_TARGET = 2
    """No tick keeps the target margin: no price."""
    ENDING = 4
    """Moved to a price ending."""
    LOWEST = 8
    """Raised to the lowest price allowed."""
    HIGHEST = 16
    """Lowered to the highest price allowed."""
    BELOW_FLOOR = 32
    """The bounds leave no price that breaks even: no price."""
    RAISES = 64
    LOWERS = 128
    UNCHANGED = 256


@dataclass(frozen=True, slots=True)
class Priced:
    """Per row: the lowest ticks that keep 0 and the target margin, the price, what it leaves (all in cents,
    -1: none), its margin in ppm (half away from zero) and why, a mask of `Why`. Contribution and margin are 0
    where there is no price."""

    floor: Integers
    target: Integers
    price: Integers
    contribution: Integers
    margin: Integers
    reasons: Integers


class Segment(NamedTuple):
    """Prices first..last (in cents) that share a tier and a band."""

    first: int
    last: int
    tier: int
    band: int


def segments(shape: Shape) -> list[Segment]:
    """The runs of prices in which the same rate and amount hold, ascending."""
    tick, top = shape.tick, shape.highest // shape.tick * shape.tick
    tiers = [bound // tick * tick for bound in shape.rate_bounds]
    bands = [(bound if inclusive else bound - 1) // tick * tick for bound, inclusive in shape.bands]
    ends = sorted({end for end in (*tiers, *bands) if 0 < end < top} | {top})
    firsts = [tick, *(end + tick for end in ends)]
    return [
        Segment(first, end, bisect_left(tiers, end), bisect_left(bands, end))
        for first, end in zip(firsts, ends, strict=False)
    ]


def price_many(batch: Batch, endings: Endings | None = None) -> Priced:
    """Price every row: target, price ending, bounds, and never below the floor.

    ValueError naming the column where a value is out of the range in which nothing can overflow.
    """
    batch.check()
    found = Priced(*(np.empty(len(batch), np.int64) for _ in range(6)))
    for start in range(0, len(batch), CHUNK):
        rows = slice(start, start + CHUNK)
        part = _price(batch.part(rows), endings)
        for name in Priced.__slots__:
            getattr(found, name)[rows] = getattr(part, name)
    return found


def _price(batch: Batch, endings: Endings | None) -> Priced:
    kernel = Kernel(batch)
    floor = kernel.lowest(None)
    target = kernel.lowest(batch.target)
    shape = batch.shape
    highest = np.where(batch.highest > 0, np.minimum(batch.highest, shape.highest), shape.highest)
    reasons = np.where(floor == NONE, np.int64(Why.NO_FLOOR), 0)
    reasons |= np.where(target == NONE, np.int64(Why.NO_TARGET), 0)
    rows = np.flatnonzero(target != NONE)
    wanted = target[rows]
    low, high = batch.lowest[rows], highest[rows] // shape.tick * shape.tick
    low = -(-low // shape.tick) * shape.tick

    def allows(which: Integers, price: Integers) -> Flags:
        """Whether these of the rows may have these prices: within bounds, and not below the floor."""
        inside = (price >= low[which]) & (price <= high[which]) & (price > 0)
        kept = np.zeros(len(which), np.bool_)
        asked = np.flatnonzero(inside)
        kept[asked] = kernel.at(rows[which[asked]], price[asked])[0] >= 0
        return kept

    price = wanted if endings is None else choose(endings, wanted, allows)
    is_ending = price != wanted
    bounded = np.minimum(np.maximum(price, low), high)
    left, net = kernel.at(rows, np.maximum(bounded, shape.tick))
    is_good = (left >= 0) & (low <= high) & (bounded > 0)
    said = np.where(is_ending, np.int64(Why.ENDING), 0)
    said |= np.where(bounded > price, np.int64(Why.LOWEST), 0) | np.where(
        bounded < price, np.int64(Why.HIGHEST), 0
    )
    said |= np.where(is_good, _move(bounded, batch.current[rows]), np.int64(Why.BELOW_FLOOR))
    reasons[rows] |= said
    margin = np.zeros_like(left)
    np.floor_divide(2 * PPM * np.abs(left) + net, 2 * net, out=margin, where=net > 0)
    return Priced(
        floor,
        target,
        price=_placed(len(batch), rows, np.where(is_good, bounded, NONE), NONE),
        contribution=_placed(len(batch), rows, np.where(is_good, left, 0), 0),
        margin=_placed(len(batch), rows, np.where(is_good, margin, 0), 0),
        reasons=reasons,
    )


def _move(price: Integers, current: Integers) -> Integers:
    moved = np.where(price > current, np.int64(Why.RAISES), np.int64(Why.LOWERS))
    moved[price == current] = int(Why.UNCHANGED)
    return np.where(current > 0, moved, 0)


def _placed(count: int, rows: Integers, values: Integers, otherwise: int) -> Integers:
    found = np.full(count, otherwise, np.int64)
    found[rows] = values
    return found


class Kernel:
    """The rows of a chunk with everything that does not depend on the price computed beforehand."""

    def __init__(self, batch: Batch) -> None:
        """Round the least fee, and per band the fulfilment, its surcharge and all other costs."""
        self.batch, self.shape = batch, batch.shape
        self.with_tax = PPM + batch.shape.tax
        self.least = half_up(batch.minimum, batch.shape.billing_unit)
        self.fixed = tuple(batch.costs + self._fulfilment(amount) for amount in batch.amounts)
        self.offsets = self._offsets()
        self.has_ads = bool(batch.ads.any())

    def at(self, rows: Integers, price: Integers) -> tuple[Integers, Integers]:
        """Contribution and net revenue of some rows at any ticks, in cents."""
        shape = self.shape
        tier = np.searchsorted(np.array(shape.rate_bounds, np.int64), price)
        ends = np.array([bound if inclusive else bound - 1 for bound, inclusive in shape.bands], np.int64)
        band = np.searchsorted(ends, price)
        return self._left(
            price,
            _pick(self.batch.rates, tier, rows),
            _pick(self.offsets, tier, rows) if self.offsets else None,
            self.least[rows],
            _pick(self.fixed, band, rows),
            self.batch.ads[rows] if self.has_ads else None,
        )

    def lowest(self, margin: Integers | None) -> Integers:
        """The lowest tick of every row that keeps a margin (None: that breaks even); -1 where none does."""
        found = np.full(len(self.batch), NONE, np.int64)
        pending = np.ones(len(self.batch), np.bool_)
        odd = np.zeros(len(self.batch), np.bool_)
        kept = self._kept(margin)
        for segment in segments(self.shape):
            begin, is_odd = self._begin(segment, kept)
            odd |= pending & is_odd
            pending &= ~is_odd
            rows = np.flatnonzero(pending & (begin <= segment.last))
            if len(rows):
                self._walk(segment, rows, begin[rows], margin, found)
                pending &= found == NONE
        for row in np.flatnonzero(odd):
            wanted = Decimal(0) if margin is None else Decimal(int(margin[row])).scaleb(-6)
            found[row] = cents(lowest_price(structure_of(self.batch, int(row)), wanted))
        return found

    def _kept(self, margin: Integers | None) -> Floats:
        """The share of net revenue that is left after advertising and the margin."""
        taken = self.batch.ads if margin is None else self.batch.ads + margin
        return (PPM - taken) / PPM

    def _begin(self, segment: Segment, kept: Floats) -> tuple[Floats, Flags]:
        """From which tick on the margin may be kept in the segment (infinite: nowhere in it), and the rows
        whose ticks are too many to ask."""
        shape = self.shape
        freed = PPM / self.with_tax if shape.is_freed else 1.0
        fixed = self.fixed[segment.band]
        per_cent = kept * (PPM / self.with_tax)
        error = (
            freed * shape.billing_unit / 2 + (0.5 if shape.is_freed else 0.0) + (0.5 if self.has_ads else 0.0)
        )
        errors = error + 0.5 * np.abs(kept) if shape.tax else np.full(len(kept), error)
        slope = per_cent - self.batch.rates[segment.tier] * (freed / PPM)
        needed = fixed - errors - _SLACK
        least = needed + self.least * (freed * shape.billing_unit)
        if self.offsets:
            needed = needed + self.offsets[segment.tier] * (freed / PPM)
        with np.errstate(divide="ignore", invalid="ignore"):
            begin = np.maximum(needed / slope, least / per_cent)
        flat = slope < 2 * errors / ((MOST_STEPS - 2) * shape.tick)
        # Where the slope is near zero or below, the better end of the segment tells whether it is hopeless.
        reach = np.maximum(slope * segment.first, slope * segment.last)
        begin[flat & (reach < needed)] = np.inf
        ticks = np.ceil(np.maximum(begin, segment.first) / shape.tick) * shape.tick
        return ticks, flat & (reach >= needed)

    def _walk(
        self, segment: Segment, rows: Integers, begin: Floats, margin: Integers | None, found: Integers
    ) -> None:
        """Ask tick after tick until the margin is kept or the segment ends."""
        price = begin.astype(np.int64)
        rate, fixed = self.batch.rates[segment.tier][rows], self.fixed[segment.band][rows]
        least = self.least[rows]
        offset = self.offsets[segment.tier][rows] if self.offsets else None
        ads = self.batch.ads[rows] if self.has_ads else None
        wanted = None if margin is None else margin[rows]
        while len(rows):
            left, net = self._left(price, rate, offset, least, fixed, ads)
            keeps = left >= 0 if wanted is None else left * PPM >= wanted * net
            found[rows[keeps]] = price[keeps]
            price = price + self.shape.tick
            rest = np.flatnonzero(~keeps & (price <= segment.last))
            rows, price, rate, fixed, least = (column[rest] for column in (rows, price, rate, fixed, least))
            offset = None if offset is None else offset[rest]
            ads = None if ads is None else ads[rest]
            wanted = None if wanted is None else wanted[rest]

    def _left(
        self,
        price: Integers,
        rate: Integers,
        offset: Integers | None,
        least: Integers,
        fixed: Integers,
        ads: Integers | None,
    ) -> tuple[Integers, Integers]:
        net = half_up(price * PPM, self.with_tax) if self.shape.tax else price
        amount = rate * price if offset is None else rate * price + offset
        quote = np.maximum(half_up(amount, PPM * self.shape.billing_unit), least)
        left = net - fixed - self._line(quote)
        return (left if ads is None else left - half_up(ads * net, PPM)), net

    def _line(self, quote: Integers) -> Integers:
        """Cents of a quote in billing units."""
        amount = quote * self.shape.billing_unit if self.shape.billing_unit > 1 else quote
        return half_up(amount * PPM, self.with_tax) if self.shape.is_freed else amount

    def _fulfilment(self, amount: Integers) -> Integers:
        quote = half_up(amount, self.shape.billing_unit)
        surcharge = half_up(quote * self.batch.surcharge, PPM)
        return self._line(quote) + self._line(surcharge)

    def _offsets(self) -> tuple[Integers, ...]:
        """Of marginal tiers: what the tiers below take more than the rate of this one, in ppm of a cent."""
        if self.shape.mode is not TierMode.MARGINAL:
            return ()
        found = [np.zeros(len(self.batch), np.int64)]
        for number, bound in enumerate(self.shape.rate_bounds):
            found.append(found[-1] + (self.batch.rates[number] - self.batch.rates[number + 1]) * bound)
        return tuple(found)


def half_up(amount: Integers, parts: int) -> Integers:
    """Amount / parts, halves away from zero; no amount is below 0."""
    return amount if parts == 1 else (amount + parts // 2) // parts


def _pick(columns: tuple[Integers, ...], which: Integers, rows: Integers) -> Integers:
    found = columns[0][rows]
    for number, column in enumerate(columns[1:], 1):
        np.copyto(found, column[rows], where=which >= number)
    return found
