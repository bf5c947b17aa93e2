"""Everything a cost structure is built from, as values: what was stated, charged, estimated, tabled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pricing.engine.landed import Converter, Estimate, Measured, Sheet, StoreMeasured
from pricing.engine.terms import Component, Profile, Terms
from pricing.structure import Fee
from pricing.types import Confidence, Truth


@dataclass(frozen=True, slots=True)
class Source:
    """Where a line comes from."""

    truth: Truth
    reference: str
    as_of: date | None = None
    confidence: Confidence | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class FeeGroup:
    """The fees of one line by the tables, and where they stand."""

    fees: tuple[Fee, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Observed:
    """A fee as it was charged or estimated for one unit at a price, in the tax mode the platform quotes."""

    amount: Decimal
    price: Decimal
    source: Source


@dataclass(frozen=True, slots=True)
class TaxRate:
    """The tax contained in the shown price (0 where it is added to it), and where that stands."""

    rate: Decimal
    reference: str
    confidence: Confidence | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A component of a bundle with its sheet in force."""

    component: Component
    sheet: Sheet | None


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """What a refund costs by the tables: the share of the referral fee that is kept (at most `cap`), and
    handling."""

    admin_rate: Decimal = Decimal(0)
    cap: Decimal | None = None
    processing: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class TableFees:
    """What the fee tables say of a listing on a day.

    `groups` holds fees by line, `costs` amounts per unit that no price changes, `withheld` shares of net
    revenue that are withheld; `gaps` says by line what the tables would need to know.
    """

    tax: TaxRate
    groups: Mapping[str, FeeGroup] = field(default_factory=dict)
    costs: Mapping[str, tuple[Decimal, Source]] = field(default_factory=dict)
    refund: RefundTerms = field(default_factory=RefundTerms)
    withheld: Mapping[str, tuple[Decimal, Source]] = field(default_factory=dict)
    gaps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """All that is known of one listing on a day; pure input of `pricing.engine.build.build`.

    `charged` holds fees as charged by line (referral, fulfilment, payment).
    """

    market: str
    platform: str
    channel: str
    currency: str
    on: date
    price: Decimal | None
    profile: Profile
    terms: Terms
    table: TableFees
    convert: Converter
    sheet: Sheet | None = None
    parts: tuple[Part, ...] = ()
    measured: Measured = field(default_factory=Measured)
    store: StoreMeasured = field(default_factory=StoreMeasured)
    estimate: Estimate | None = None
    charged: Mapping[str, Observed] = field(default_factory=dict)

    @property
    def tax(self) -> TaxRate:
        """The tax of the market on the listing's goods, whether the seller owes it or not."""
        return self.table.tax
