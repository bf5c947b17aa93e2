"""What selling one unit costs at any price: the parts of which a contribution is computed, exactly.

A `CostStructure` is the whole input of the solver. Rates are fractions (0.154), amounts are `Decimal` in the
structure's currency and per unit sold, ex tax that can be reclaimed unless a fee says otherwise. The order of
rounding is that of `docs/pricing-engine.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

ONE = Decimal(1)
ZERO = Decimal(0)


class FeeTax(StrEnum):
    """How a quoted fee relates to the tax on it."""

    EX = "ex"
    """Quoted ex tax, and the tax on it can be reclaimed: the quote is the cost."""
    INCLUDED_CREDITABLE = "incl_cred"
    """Quoted including tax that can be reclaimed: the rounded quote is divided by 1 + t."""
    INCLUDED_NOT_CREDITABLE = "incl_non"
    """Quoted including tax that cannot be reclaimed: the quote is the cost."""


class TierMode(StrEnum):
    """What the rate of a tier is applied to."""

    FLAT = "flat"
    WHOLE = "whole"
    """The rate of the tier that holds the base, on all of it: profit falls at the bound."""
    MARGINAL = "marginal"
    """Each slice of the base at its own rate."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A rate up to `upper` (included; None: without end), which is compared with the fee's base."""

    upper: Decimal | None
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Band:
    """A fixed amount for bases up to `upper` (None: without end); `is_inclusive`: the bound belongs to it."""

    upper: Decimal | None
    is_inclusive: bool
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RateFee:
    """A share of the base. The base is price × `base_multiplier`, or net revenue × it if `is_on_net`."""

    name: str
    tiers: tuple[Tier, ...]
    mode: TierMode = TierMode.FLAT
    minimum: Decimal | None = None
    tax: FeeTax = FeeTax.EX
    base_multiplier: Decimal = ONE
    is_on_net: bool = False
    is_refundable: bool = True


@dataclass(frozen=True, slots=True)
class BandFee:
    """An amount that depends on the band that holds the base."""

    name: str
    bands: tuple[Band, ...]
    tax: FeeTax = FeeTax.EX
    base_multiplier: Decimal = ONE
    is_on_net: bool = False


@dataclass(frozen=True, slots=True)
class FixedFee:
    """The same amount whatever the price."""

    name: str
    amount: Decimal
    tax: FeeTax = FeeTax.EX


@dataclass(frozen=True, slots=True)
class MultipleFee:
    """A share of the rounded quote of an earlier fee, named in `of` (a fuel surcharge)."""

    name: str
    rate: Decimal
    of: str
    tax: FeeTax = FeeTax.EX


Fee = RateFee | BandFee | FixedFee | MultipleFee


@dataclass(frozen=True, slots=True)
class AdsByShare:
    """Advertising as a share of net revenue."""

    rate: Decimal


@dataclass(frozen=True, slots=True)
class AdsByClick:
    """Advertising as cost per click / conversion rate × share of units that advertising sells."""

    cost_per_click: Decimal
    conversion_rate: Decimal
    share: Decimal


Ads = AdsByShare | AdsByClick


@dataclass(frozen=True, slots=True)
class Returns:
    """What returns cost: `rate` of shipped units come back; on each the platform keeps `admin_rate` of the
    first rate fee (at most `cap`), handling costs `processing`, and `salvage` of `landed` is won back."""

    rate: Decimal
    admin_rate: Decimal = ZERO
    cap: Decimal | None = None
    processing: Decimal = ZERO
    salvage: Decimal = ZERO
    landed: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost per unit that no price changes; negative: a cost that selling avoids."""

    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CostStructure:
    """All that decides what is left of a price.

    `tax_rate` is the tax contained in the shown price (0 in the US), `tick` the price step, `billing_unit`
    the smallest unit in which fees are rounded, `highest` the end of the search. `withholding` holds shares
    of net revenue that are withheld: a cash effect, never a cost.
    """

    currency: str
    tax_rate: Decimal
    tick: Decimal
    billing_unit: Decimal
    highest: Decimal
    fees: tuple[Fee, ...] = ()
    costs: tuple[Cost, ...] = ()
    ads: Ads | None = None
    returns: Returns | None = None
    withholding: tuple[tuple[str, Decimal], ...] = ()
    target_margin: Decimal = ZERO
    labels: dict[str, str] = field(default_factory=dict, compare=False)
