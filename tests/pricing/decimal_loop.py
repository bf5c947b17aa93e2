"""Prices a batch row by row in `Decimal`: what a careful programmer writes without columns.

It shares no arithmetic with the product: only the columns, the reasons' names and the markets' endings as the
documents word them. Rounding is `quantize` or an integral quotient, floors come from the closed formula and
the ticks around it, endings from a search outwards. `tests/pricing/engine/test_decimal_loop.py` holds it
against a scan of every tick, `benchmarks/pricing.py` holds the columns against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from pricing.engine.shape import Batch, Shape
from pricing.engine.vector import Why
from pricing.structure import TierMode

D = Decimal
ONE, ZERO, CENT, HALF = D(1), D(0), D("0.01"), D("0.5")
PPM = D(1_000_000)
TINY = D("0.000000001")

Row = tuple[int, int, int, int, int, int]
"""Floor, target, price, contribution (cents, -1: none), margin (ppm), reasons."""


@dataclass(frozen=True)
class Sku:
    """A row as decimals: money in the currency, rates and margins as fractions."""

    rates: tuple[Decimal, ...]
    amounts: tuple[Decimal, ...]
    minimum: Decimal
    surcharge: Decimal
    costs: Decimal
    ads: Decimal
    target: Decimal
    lowest: Decimal
    highest: Decimal
    current: Decimal


def skus_of(batch: Batch) -> list[Sku]:
    """The rows of a batch."""
    columns = [[D(value) for value in column.tolist()] for _, column in batch.columns()]
    rates, amounts = len(batch.rates), len(batch.amounts)
    found = []
    for values in zip(*columns, strict=True):
        rest = values[rates + amounts :]
        found.append(
            Sku(
                tuple(value / PPM for value in values[:rates]),
                tuple(value / 100 for value in values[rates : rates + amounts]),
                rest[0] / 100,
                rest[1] / PPM,
                rest[2] / 100,
                rest[3] / PPM,
                rest[4] / PPM,
                rest[5] / 100,
                rest[6] / 100,
                rest[7] / 100,
            )
        )
    return found


class DecimalLoop:
    """The rows of one shape, one after the other."""

    def __init__(self, shape: Shape, market: str = "") -> None:
        """Write the shape down in decimals; `market` names the endings (none: no endings)."""
        self.market = market
        self.tax = 1 + D(shape.tax) / PPM
        self.tick, self.unit = D(shape.tick) / 100, D(shape.billing_unit) / 100
        self.top = (D(shape.highest) / 100 / self.tick).to_integral_value(ROUND_FLOOR) * self.tick
        self.is_freed, self.is_marginal = shape.is_freed, shape.mode is TierMode.MARGINAL
        self.has_tax = shape.tax > 0
        self.tiers = tuple(D(bound) / 100 for bound in shape.rate_bounds)
        self.bands = tuple((D(bound) / 100, inclusive) for bound, inclusive in shape.bands)
        lasts = {(bound / self.tick).to_integral_value(ROUND_FLOOR) * self.tick for bound in self.tiers}
        for bound, inclusive in self.bands:
            last = (bound / self.tick).to_integral_value(ROUND_FLOOR) * self.tick
            lasts.add(last if inclusive or last < bound else last - self.tick)
        ends = [*sorted(last for last in lasts if 0 < last < self.top), self.top]
        self._fixed_of: tuple[Sku | None, list[Decimal]] = (None, [])
        self.parts = list(zip([self.tick, *(end + self.tick for end in ends[:-1])], ends, strict=True))

    def price(self, sku: Sku) -> Row:
        """All answers of one row."""
        floor, target = self.lowest(sku, ZERO), self.lowest(sku, sku.target)
        reasons = (Why.NO_FLOOR if floor is None else 0) | (Why.NO_TARGET if target is None else 0)
        if target is None:
            return _cents(floor), -1, -1, 0, 0, int(reasons)
        low = (sku.lowest / self.tick).to_integral_value(ROUND_CEILING) * self.tick
        high = min(sku.highest, self.top) if sku.highest else self.top
        high = (high / self.tick).to_integral_value(ROUND_FLOOR) * self.tick

        def allows(price: Decimal) -> bool:
            return price > 0 and low <= price <= high and self.left(sku, price)[0] >= 0

        wanted = self.ending(target, allows)
        price = min(max(wanted, low), high)
        reasons |= Why.ENDING if wanted != target else 0
        reasons |= Why.LOWEST if price > wanted else Why.HIGHEST if price < wanted else 0
        if price > 0 and low <= high:
            left, net = self.left(sku, price)
            if left >= 0:
                if sku.current:
                    is_same = price == sku.current
                    reasons |= Why.UNCHANGED if is_same else Why.RAISES if price > sku.current else Why.LOWERS
                margin = (left / net * PPM).quantize(ONE, ROUND_HALF_UP) if net else ZERO
                return _cents(floor), _cents(target), _cents(price), _cents(left), int(margin), int(reasons)
        return _cents(floor), _cents(target), -1, 0, 0, int(reasons | Why.BELOW_FLOOR)

    def left(self, sku: Sku, price: Decimal) -> tuple[Decimal, Decimal]:
        """Contribution and net revenue at a tick, in the stated order of rounding."""
        net = (price / self.tax).quantize(CENT, ROUND_HALF_UP) if self.has_tax else price
        rate, offset = self._tier(sku, price)
        referral = max(rate * price + offset, sku.minimum).quantize(self.unit, ROUND_HALF_UP)
        left = net - self._line(referral) - self._fixed(sku, price)
        return (left - (sku.ads * net).quantize(CENT, ROUND_HALF_UP) if sku.ads else left), net

    def lowest(self, sku: Sku, margin: Decimal) -> Decimal | None:
        """The lowest tick that keeps a margin, part by part of the price axis."""
        kept = 1 - sku.ads - margin
        share = 1 / self.tax if self.is_freed else ONE
        # What rounding can add at most: net revenue, the referral fee twice, advertising.
        error = CENT * HALF * (1 + abs(kept)) + self.unit * HALF * share + CENT * HALF
        for first, last in self.parts:
            rate, offset = self._tier(sku, first)
            slope = kept / self.tax - rate * share
            others = self._fixed(sku, first)
            fixed = others + offset * share
            # Below `begin` c − m·n + error is negative; on a falling or flat line the ends tell.
            if slope > 0:
                with_least = (others + sku.minimum * share - error) / (kept / self.tax)
                begin = max((fixed - error) / slope, with_least, first)
            elif slope * first - fixed + error < 0:
                continue
            else:
                begin = first
            price = (begin / self.tick - TINY).to_integral_value(ROUND_CEILING) * self.tick
            price = max(price, first)
            while price <= last:
                left, net = self.left(sku, price)
                if left >= margin * net:
                    return price
                if slope <= 0 and slope * price - fixed + error < 0:
                    break
                price += self.tick
        return None

    def formula(self, sku: Sku, margin: Decimal) -> Decimal | None:
        """The closed formula alone, F / (slope) in the first part that holds it: no ticks, no rounding."""
        kept = (1 - sku.ads - margin) / self.tax
        share = 1 / self.tax if self.is_freed else ONE
        for first, last in self.parts:
            slope = kept - self._tier(sku, first)[0] * share
            if slope > 0:
                price = self._fixed(sku, first) / slope
                if price <= last:
                    return price
        return None

    def _tier(self, sku: Sku, price: Decimal) -> tuple[Decimal, Decimal]:
        tier = 0
        for bound in self.tiers:
            if price <= bound:
                break
            tier += 1
        if not self.is_marginal:
            return sku.rates[tier], ZERO
        steps = ((sku.rates[n] - sku.rates[n + 1]) * self.tiers[n] for n in range(tier))
        return sku.rates[tier], sum(steps, ZERO)

    def _fixed(self, sku: Sku, price: Decimal) -> Decimal:
        """Fulfilment with its surcharge, and all other costs, in the band of a price."""
        if self._fixed_of[0] is not sku:
            self._fixed_of = (sku, [self._fulfilment(sku, amount) + sku.costs for amount in sku.amounts])
        for number, (bound, included) in enumerate(self.bands):
            if price < bound or (included and price == bound):
                return self._fixed_of[1][number]
        return self._fixed_of[1][-1]

    def _fulfilment(self, sku: Sku, amount: Decimal) -> Decimal:
        quote = amount.quantize(self.unit, ROUND_HALF_UP)
        return self._line(quote) + self._line((sku.surcharge * quote).quantize(self.unit, ROUND_HALF_UP))

    def _line(self, quote: Decimal) -> Decimal:
        return (quote / self.tax).quantize(CENT, ROUND_HALF_UP) if self.is_freed else quote

    def ending(self, target: Decimal, allows: Callable[[Decimal], bool]) -> Decimal:
        """The market's ending near a target, or the target."""
        grids: list[tuple[Decimal, tuple[str, ...], Decimal | None]]
        if self.market == "US":
            grids = [(ONE, ("0.99",), D("0.02")), (ONE, ("0.49", "0.95"), D("0.02"))]
        elif self.market == "MX":
            grids = [(D(10), ("9",), D("0.05")), (ONE, ("0", "0.90"), D("0.05"))]
        elif self.market == "JP":
            for threshold in (1000, 2000, 3000, 5000, 10000):
                if threshold <= target < threshold * D("1.05") and allows(D(threshold - 20)):
                    return D(threshold - 20)
            grids = [(D(100), ("80",), D("0.10") if target < 1000 else None), (D(10), ("8",), None)]
        else:
            return target
        for step, endings, near in grids:
            for price in _outwards(target, step, endings):
                if near is not None and abs(price - target) > near * target:
                    break
                if price > 0 and allows(price):
                    return price
        return target


def _outwards(target: Decimal, step: Decimal, endings: tuple[str, ...]) -> Iterator[Decimal]:
    """Prices n × step + ending from the nearest on, of two equally near the lower, six steps to each side."""
    base = (target / step).to_integral_value(ROUND_FLOOR) * step
    close = [base + n * step + D(ending) for n in (-1, 0, 1) for ending in endings]
    close.sort(key=lambda price: (abs(price - target), price))
    # One step around the nearest come before everything farther away.
    yield close[0]
    far = [base + n * step + D(ending) for n in range(-6, 7) for ending in endings]
    far.sort(key=lambda price: (abs(price - target), price))
    yield from far[1:]


def _cents(amount: Decimal | None) -> int:
    return -1 if amount is None else int(amount * 100)
