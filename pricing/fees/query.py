"""What is asked of the fee schedules and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pricing.fees.sizes import Parcel
from pricing.fees.values import FeeValue
from pricing.structure import Cost, Fee
from pricing.types import Confidence, Truth


class FeeLine(StrEnum):
    """The part of a listing's cost that a parameter belongs to."""

    TAX = "tax"
    REFERRAL = "referral"
    FULFILMENT = "fulfilment"
    PAYMENT = "payment"
    PROGRAMME = "programme"
    STORAGE = "storage"
    PLACEMENT = "placement"
    RETURNS = "returns"
    PLAN = "plan"
    WITHHOLDING = "withholding"
    DUTY = "duty"


class Programme(StrEnum):
    """An optional programme or way of paying that a store takes part in, each with a fee of its own."""

    PR_OPTION = "pr_option"
    LINE_CHANNEL = "line_channel"
    INTERNATIONAL = "international"
    CURRENCY_CONVERSION = "currency_conversion"
    THIRD_PARTY_GATEWAY = "third_party_gateway"
    PAYMENT_FEE = "payment_fee"
    INBOUND_PLACEMENT = "inbound_placement"
    UTILISATION = "utilisation"
    RETURNS_PROCESSING = "returns_processing"
    INSTALMENTS = "instalments"


class TaxStatus(StrEnum):
    """How a Mexican marketplace withholds from the seller."""

    WITH_RFC = "with_rfc"
    WITHOUT_RFC = "without_rfc"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Override:
    """A value somebody stated in place of the table's, from a day on, with the reason."""

    value: FeeValue
    effective_on: date
    reason: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeQuery:
    """A listing, as far as its fees depend on it, on a shop day.

    `channel` is "platform" or "merchant" (who ships). `size_tier` is taken from `parcel` where it is not
    given. `payment_mix` is (method, share of orders) and sums to 1. `buyer_tax_rate` is the sales tax the
    buyer pays on top. `is_tax_exempt`: the seller remits no tax, all of the price is revenue; then, and where
    `is_fee_tax_creditable` is false, tax on fees is a cost. `affiliate_share` and `line_share` are shares of
    sales. `days_held` asks for storage of a unit from `on`, `stock_age_days` adds what its age costs. `skip`
    names lines that a stronger source already answers: neither fee nor gap comes back for them.
    """

    market: str
    platform: str
    on: date
    channel: str = "platform"
    category: str = ""
    size_tier: str = ""
    parcel: Parcel | None = None
    plan: str = ""
    device: str = "mobile"
    payment_mix: tuple[tuple[str, Decimal], ...] = ()
    buyer_tax_rate: Decimal | None = None
    affiliate_share: Decimal = Decimal(0)
    line_share: Decimal = Decimal(0)
    programmes: frozenset[Programme] = frozenset()
    is_tax_exempt: bool = False
    is_fee_tax_creditable: bool = True
    is_reduced_tax: bool = False
    tax_status: TaxStatus = TaxStatus.WITH_RFC
    is_withholding_creditable: bool = True
    days_held: int | None = None
    stock_age_days: int | None = None
    stock_weeks: Decimal | None = None
    days_of_supply: tuple[int, int] | None = None
    skip: frozenset[FeeLine] = frozenset()
    overrides: Mapping[str, Override] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParameterUse:
    """A parameter a quote rests on, with everything needed to judge it."""

    key: str
    line: FeeLine
    value: str
    unit: str
    reference: str
    confidence: Confidence | None
    checked_on: date | None
    in_force_since: date
    warnings: tuple[str, ...]
    truth: Truth


@dataclass(frozen=True, slots=True)
class Gap:
    """A value the quote needs and nobody knows: which line lacks it and what to do about it."""

    line: FeeLine
    key: str
    why: str


@dataclass(frozen=True, slots=True)
class ReturnTerms:
    """What a refund costs: the share of the referral fee that is kept (at most `cap`), and handling."""

    admin_rate: Decimal = Decimal(0)
    cap: Decimal | None = None
    processing: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class FeeQuote:
    """The fees of a listing on a day, ready for a cost structure.

    `costs` are fees per unit that no price changes (storage, placement, …), ex tax that can be reclaimed.
    `monthly` are amounts per month of the whole store, no cost of a unit. `withholding` are shares of net
    revenue, a cash effect. A quote with `gaps` is incomplete: the lines named there must come from elsewhere.
    """

    currency: str
    tax_rate: Decimal
    size_tier: str
    fees: tuple[Fee, ...]
    costs: tuple[Cost, ...]
    returns: ReturnTerms
    withholding: tuple[tuple[str, Decimal], ...]
    monthly: tuple[tuple[str, Decimal], ...]
    uses: tuple[ParameterUse, ...]
    gaps: tuple[Gap, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys of what is not known, each once."""
        return tuple(dict.fromkeys(gap.key for gap in self.gaps))

    @property
    def storage(self) -> Decimal:
        """What holding one unit costs, of the days asked for."""
        names = {"storage", "aged_storage"}
        return sum((cost.amount for cost in self.costs if cost.name in names), Decimal(0))
