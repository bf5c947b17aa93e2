"""Many SKUs that share a market and the form of its fees, as columns of whole numbers.

Money is in cents (hundredths of the currency, in Japan too), rates and margins in ppm. A shape says what all
rows have in common: tax, tick, billing unit, and at which prices a rate or a fulfilment amount changes; the
rows say how much. `structure_of` is what a row means to the solver, so the two can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from pricing.structure import (
    AdsByShare,
    Band,
    BandFee,
    Cost,
    CostStructure,
    FeeTax,
    MultipleFee,
    RateFee,
    Tier,
    TierMode,
)

PPM = 1_000_000
CENTS = 100

MOST_CENTS = 10**10
"""Above it no amount or price is taken: 2 × 10^10 cents × 10^6 ppm stays far below 2^63."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rows of a batch share.

    `rate_bounds` are the upper bounds (included) of the rate's tiers but the last, `bands` the upper bounds
    of the fulfilment amounts but the last, with whether the bound belongs to them. `highest` ends the search.
    """

    currency: str
    tax: int
    tick: int
    billing_unit: int
    highest: int
    is_freed: bool
    rate_bounds: tuple[int, ...] = ()
    bands: tuple[tuple[int, bool], ...] = ()
    mode: TierMode = TierMode.WHOLE

    def check(self) -> None:
        """ValueError where the shape makes no sense or exact arithmetic could overflow."""
        bounds = [*self.rate_bounds, *(bound for bound, _ in self.bands)]
        if min(self.tick, self.billing_unit, *bounds, 1) < 1 or self.tax < 0 or self.tax > PPM:
            raise ValueError("tick, billing unit and bounds must be above 0, the tax between 0 and 1")
        if not self.tick <= self.highest <= MOST_CENTS or max((*bounds, self.billing_unit)) > MOST_CENTS:
            raise ValueError(f"the highest price must be between the tick and {MOST_CENTS} cents")
        ascending = sorted(set(self.rate_bounds)), sorted(set(self.bands))
        if (list(self.rate_bounds), list(self.bands)) != ascending:
            raise ValueError("bounds must ascend")
        if self.mode is TierMode.FLAT and self.rate_bounds:
            raise ValueError("a flat rate has one tier")


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows: a rate per tier and an amount per band (columns of as many rows each), and one column each of
    the least referral fee, the surcharge on fulfilment, all other costs, advertising (of net revenue), the
    target margin, the lowest and highest price allowed and the current one (0: none)."""

    shape: Shape
    rates: tuple[Integers, ...]
    amounts: tuple[Integers, ...]
    minimum: Integers
    surcharge: Integers
    costs: Integers
    ads: Integers
    target: Integers
    lowest: Integers
    highest: Integers
    current: Integers

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.costs)

    def check(self) -> None:
        """ValueError naming the column that is of another length, no int64, or out of range."""
        shape = self.shape
        shape.check()
        if len(self.rates) != len(shape.rate_bounds) + 1 or len(self.amounts) != len(shape.bands) + 1:
            raise ValueError("there must be one rate per tier and one amount per band")
        for name, column in self.columns():
            low, high = _range(name)
            if column.dtype != np.int64 or column.shape != self.costs.shape:
                raise ValueError(f"{name} must be int64 and as long as costs")
            if len(column) and not (low <= int(column.min()) and int(column.max()) <= high):
                raise ValueError(f"{name} must be between {low} and {high}")

    def columns(self) -> list[tuple[str, Integers]]:
        """Every column with its name."""
        found = [(f"rates[{n}]", column) for n, column in enumerate(self.rates)]
        found += [(f"amounts[{n}]", column) for n, column in enumerate(self.amounts)]
        plain = [each.name for each in fields(self) if each.name not in ("shape", "rates", "amounts")]
        return found + [(name, getattr(self, name)) for name in plain]

    def part(self, rows: slice) -> Batch:
        """Some rows, without copying."""
        return Batch(
            self.shape,
            tuple(column[rows] for column in self.rates),
            tuple(column[rows] for column in self.amounts),
            *(column[rows] for _, column in self.columns()[len(self.rates) + len(self.amounts) :]),
        )


def structure_of(batch: Batch, row: int) -> CostStructure:
    """What a row means: the cost structure of which the solver says the same."""
    shape = batch.shape
    tax = FeeTax.INCLUDED_CREDITABLE if shape.is_freed else FeeTax.EX
    tiers = zip((*shape.rate_bounds, None), batch.rates, strict=True)
    bands = zip((*shape.bands, (None, True)), batch.amounts, strict=True)
    return CostStructure(
        currency=shape.currency,
        tax_rate=_share(shape.tax),
        tick=_money(shape.tick),
        billing_unit=_money(shape.billing_unit),
        highest=_money(shape.highest),
        fees=(
            RateFee(
                "referral",
                tuple(Tier(None if end is None else _money(end), _share(rate[row])) for end, rate in tiers),
                mode=shape.mode,
                minimum=_money(batch.minimum[row]),
                tax=tax,
            ),
            BandFee(
                "fulfilment",
                tuple(
                    Band(None if end is None else _money(end), inclusive, _money(amount[row]))
                    for (end, inclusive), amount in bands
                ),
                tax=tax,
            ),
            MultipleFee("surcharge", _share(batch.surcharge[row]), "fulfilment", tax),
        ),
        costs=(Cost("costs", _money(batch.costs[row])),),
        ads=AdsByShare(_share(batch.ads[row])),
        target_margin=_share(batch.target[row]),
    )


def cents(price: Decimal | None) -> int:
    """A price of the solver as the kernel writes it; none is -1."""
    return -1 if price is None else int(Fraction(price) * CENTS)


def _range(name: str) -> tuple[int, int]:
    if name == "costs":
        return -MOST_CENTS, MOST_CENTS
    if name == "target":
        return -PPM, PPM
    return 0, PPM if name.startswith(("rates", "surcharge", "ads")) else MOST_CENTS


def _money(value: int | np.int64) -> Decimal:
    return Decimal(int(value)).scaleb(-2)


def _share(value: int | np.int64) -> Decimal:
    return Decimal(int(value)).scaleb(-6)
