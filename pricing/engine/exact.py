"""The lowest real price that keeps a margin when nothing is rounded and there is no tick.

On the real line contribution is affine between the bounds of tiers and bands and the points where a minimum
or the return cap begins to bind, and may jump at a bound. Candidates are asked from below: each bound itself,
then the open stretch after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pricing.engine.plan import tier_functions
from pricing.structure import (
    AdsByClick,
    AdsByShare,
    BandFee,
    CostStructure,
    Fee,
    FeeTax,
    FixedFee,
    MultipleFee,
    RateFee,
)

ZERO = Fraction(0)

Function = tuple[Fraction, Fraction]
"""(slope, offset) of a function of the shown price."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Contribution and its base as functions of the price."""

    left: Function
    base: Function

    def surplus(self, margin: Fraction) -> Function:
        """c − m·n."""
        return (self.left[0] - margin * self.base[0], self.left[1] - margin * self.base[1])


def lowest_real_price(structure: CostStructure, margin: Fraction) -> Fraction | None:
    """The infimum of the prices above 0 that keep the margin, without any rounding; None: there are none.

    It is not bounded by the highest price of the search, so a price beyond that is told as well.
    """
    lower = ZERO
    for upper in [*sorted(_bounds(structure)), None]:
        middle = lower + 1 if upper is None else (lower + upper) / 2
        slope, offset = stretch_at(structure, middle).surplus(margin)
        at_lower = slope * lower + offset
        if at_lower > 0 or (at_lower == 0 and slope >= 0):
            return lower
        if slope > 0 and (upper is None or -offset / slope < upper):
            return -offset / slope
        if upper is not None:
            slope, offset = stretch_at(structure, upper).surplus(margin)
            if slope * upper + offset >= 0:
                return upper
            lower = upper
    return None


def highest_stretch(structure: CostStructure) -> Stretch:
    """The functions that hold beyond every bound."""
    return stretch_at(structure, max(_bounds(structure), default=ZERO) + 1)


def stretch_at(structure: CostStructure, price: Fraction) -> Stretch:
    """The functions of the pieces that hold at a price."""
    with_tax = 1 + Fraction(structure.tax_rate)
    net: Function = (1 / with_tax, ZERO)
    returns = structure.returns
    lost = Fraction(returns.rate) if returns else ZERO
    left = _times(net, 1 - lost)
    quotes: dict[str, Function] = {}
    is_first = True
    for fee in structure.fees:
        quotes[fee.name] = quote = _quote(fee, price, with_tax, quotes)
        line = _times(quote, 1 / with_tax) if fee.tax is FeeTax.INCLUDED_CREDITABLE else quote
        is_given_back = isinstance(fee, RateFee) and fee.is_refundable
        left = _minus(left, _times(line, 1 - lost if is_given_back else Fraction(1)))
        if returns and is_first and isinstance(fee, RateFee):
            is_first = False
            admin = _times(line, Fraction(returns.admin_rate))
            if returns.cap is not None and admin[0] * price + admin[1] > Fraction(returns.cap):
                admin = (ZERO, Fraction(returns.cap))
            left = _minus(left, _times(admin, lost))
    fixed = sum((Fraction(cost.amount) for cost in structure.costs), ZERO)
    if returns:
        fixed += lost * (Fraction(returns.processing) - Fraction(returns.salvage) * Fraction(returns.landed))
    if isinstance(structure.ads, AdsByClick):
        ads = structure.ads
        fixed += Fraction(ads.cost_per_click) / Fraction(ads.conversion_rate) * Fraction(ads.share)
    elif isinstance(structure.ads, AdsByShare):
        left = _minus(left, _times(net, Fraction(structure.ads.rate)))
    return Stretch(_minus(left, (ZERO, fixed)), _times(net, 1 - lost))


def _quote(fee: Fee, price: Fraction, with_tax: Fraction, quotes: dict[str, Function]) -> Function:
    if isinstance(fee, FixedFee):
        return ZERO, Fraction(fee.amount)
    if isinstance(fee, MultipleFee):
        return _times(quotes[fee.of], Fraction(fee.rate))
    per_price = _base_per_price(fee, with_tax)
    base = per_price * price
    if isinstance(fee, BandFee):
        amount = next(
            band.amount
            for band in fee.bands
            if band.upper is None
            or base < Fraction(band.upper)
            or (band.is_inclusive and base == Fraction(band.upper))
        )
        return ZERO, Fraction(amount)
    rate, offset = next(
        function
        for tier, function in zip(fee.tiers, tier_functions(fee), strict=True)
        if tier.upper is None or base <= Fraction(tier.upper)
    )
    if fee.minimum is not None and rate * base + offset < Fraction(fee.minimum):
        return ZERO, Fraction(fee.minimum)
    return rate * per_price, offset


def _bounds(structure: CostStructure) -> set[Fraction]:
    """The prices above 0 at which a function may change."""
    with_tax = 1 + Fraction(structure.tax_rate)
    found: set[Fraction] = set()
    first = next((fee for fee in structure.fees if isinstance(fee, RateFee)), None)
    for fee in structure.fees:
        if not isinstance(fee, RateFee | BandFee):
            continue
        per_price = _base_per_price(fee, with_tax)
        parts = fee.tiers if isinstance(fee, RateFee) else fee.bands
        found |= {Fraction(part.upper) / per_price for part in parts if part.upper is not None}
        if not isinstance(fee, RateFee):
            continue
        levels = [] if fee.minimum is None else [Fraction(fee.minimum)]
        levels += _capped_quote(structure, with_tax) if fee is first else []
        for rate, offset in tier_functions(fee):
            found |= {(level - offset) / rate / per_price for level in levels if rate}
    return {price for price in found if price > 0}


def _capped_quote(structure: CostStructure, with_tax: Fraction) -> list[Fraction]:
    """The quote of the first rate fee at which the return cap begins to bind."""
    returns = structure.returns
    if returns is None or returns.cap is None or not returns.admin_rate:
        return []
    first = next(fee for fee in structure.fees if isinstance(fee, RateFee))
    line = Fraction(returns.cap) / Fraction(returns.admin_rate)
    return [line * with_tax if first.tax is FeeTax.INCLUDED_CREDITABLE else line]


def _base_per_price(fee: RateFee | BandFee, with_tax: Fraction) -> Fraction:
    return Fraction(fee.base_multiplier) / (with_tax if fee.is_on_net else 1)


def _times(function: Function, factor: Fraction) -> Function:
    return function[0] * factor, function[1] * factor


def _minus(one: Function, other: Function) -> Function:
    return one[0] - other[0], one[1] - other[1]
