"""What the pricing app hands to others and passes between its own layers: frozen values, no rows.

Prices are what the buyer is shown, in the store's currency (tax included where the market's law includes it).
Shares and margins are fractions; a margin is contribution over net revenue. Every instant is aware, every
date is the store's shop day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pricing.structure import CostStructure

BOUNDARY = "suggestion_only"
"""Said in every answer: the product never writes a price to a platform."""


class Truth(StrEnum):
    """Where a cost line comes from, the strongest first."""

    CHARGED = "charged"
    STATED = "stated"
    ESTIMATED = "estimated"
    OVERRIDE = "override"
    TABLE = "table"
    PLANNED = "planned"
    MISSING = "missing"


class Confidence(StrEnum):
    """How well a parameter is known: A official … C one secondary copy, M memory, X illustrative."""

    A = "A"
    A2 = "A2"
    B = "B"
    C = "C"
    M = "M"
    X = "X"


class Tier(StrEnum):
    """The part a product plays; each has targets of its own."""

    HERO = "hero"
    REGULAR = "regular"
    TAIL = "tail"
    CLEARANCE = "clearance"


class Objective(StrEnum):
    """The one thing a product's price is to serve."""

    PROFIT = "profit"
    RANK = "rank"
    CASH = "cash"


class LockKind(StrEnum):
    """Why a listing's price must not be moved by rules."""

    PROMOTION = "promotion"
    TEST = "test"
    MANUAL = "manual"
    PILOT = "pilot"
    FREEZE = "freeze"


class ProposalKind(StrEnum):
    """What made us look at a price."""

    RULES = "rules"
    FX = "fx"
    FEE = "fee"
    CLEARANCE = "clearance"
    PROMOTION = "promotion"
    EXPERIMENT = "experiment"
    PILOT = "pilot"
    MANUAL = "manual"


class Outcome(StrEnum):
    """What a run says of one listing."""

    SUGGEST = "suggest"
    HOLD = "hold"
    BLOCKED = "blocked"
    REFUSED = "refused"


class Trigger(StrEnum):
    """Why a run looked at listings."""

    MANUAL = "manual"
    OFFERS = "offers"
    COSTS = "costs"
    NIGHTLY = "nightly"


class RecommendationState(StrEnum):
    """Where a recommendation stands; see `pricing.engine.lifecycle` for the permitted moves."""

    OPEN = "open"
    ESCALATED = "escalated"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXECUTED = "executed"
    PARTIAL = "partial"
    DEVIATED = "deviated"
    EXTERNAL_CHANGE = "external_change"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


LIVE_STATES = (RecommendationState.OPEN, RecommendationState.ESCALATED, RecommendationState.APPROVED)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was done or refused: a stable code, an English sentence, the figures in it."""

    code: str
    text: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step on the way to a price. `stage`: rule, limit, ending, bounds, floor, gate or check."""

    stage: str
    name: str
    before: Decimal | None
    after: Decimal | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a run would do with one listing; `price` is None unless `outcome` is SUGGEST."""

    outcome: Outcome
    price: Decimal | None
    reasons: tuple[Reason, ...]
    trace: tuple[TraceStep, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceCheck:
    """What a law or a platform's policy says to a price; one that `blocks` may not be suggested."""

    code: str
    blocks: bool
    text: str
    reference: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsedLine:
    """A line of a cost structure with where it comes from. `amount` is per unit at the current price (None
    where nobody knows it), `rate` its share where it is one."""

    name: str
    amount: Decimal | None
    rate: Decimal | None
    truth: Truth
    reference: str
    as_of: date | None
    confidence: Confidence | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class InputAge:
    """How old an input is and how old it may be; `is_fresh` False blocks a suggestion."""

    name: str
    as_of: datetime | None
    limit_hours: int
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class Lock:
    """A reason not to move a listing's price now."""

    kind: LockKind
    source_id: int
    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class RivalView:
    """The comparable offers of others for a product, after everything that must not count was dropped.

    `lowest` is the lowest landed price (price + shipping − points) of the same condition and pack size;
    `own_landed` ours by the same measure. `dropped` counts what was left out, by reason.
    """

    lowest: Decimal | None
    featured: Decimal | None
    own_landed: Decimal | None
    is_own_featured: bool | None
    count: int
    as_of: datetime | None
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and highest price that is allowed, and the brand's minimum advertised price."""

    lowest: Decimal | None = None
    highest: Decimal | None = None
    advertised: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PricingContext:
    """Everything known of one listing when its price is looked at; the same context gives the same proposal.

    `floor_margin` is the margin below which no suggestion may go (0: break even), `target_margin` what is
    aimed at. `fx_move` and `fee_change` are moves since the price was last set (fractions of cost; points of
    the price). `stock_age_days` is the age from which the oldest tenth of the stock is older. `changes_today`
    counts observed changes of the shop day.
    """

    store_id: int
    sku: str
    product_id: str
    market: str
    platform: str
    channel: str
    currency: str
    at: datetime
    on: date
    price: Decimal | None
    price_as_of: datetime | None
    structure: CostStructure
    lines: tuple[UsedLine, ...]
    missing: tuple[str, ...]
    floor_margin: Decimal
    target_margin: Decimal
    rivals: RivalView
    rank: int | None
    stock_units: int | None
    cover_days: Decimal | None
    stock_age_days: int | None
    acos: Decimal | None
    fx_move: Decimal | None
    fee_change: Decimal | None
    stage: str
    tier: Tier
    objective: Objective
    bounds: Bounds
    locks: tuple[Lock, ...]
    ages: tuple[InputAge, ...]
    last_changed_at: datetime | None
    changes_today: int
    day_start_price: Decimal | None
    units_per_day: Decimal | None
    elasticity: Decimal | None
    events: tuple[str, ...] = ()
    title: str = ""
    family: str = ""
    family_rank: int | None = None
    condition: str = "new"
    pack_size: int = 1
    regular_price: Decimal | None = None
    """The price before clearance or a promotion, from which ladder steps are counted."""
    family_below: Decimal | None = None
    """The price of the next cheaper variation of the family, below which this one may not go."""
    family_above: Decimal | None = None
    """The price of the next dearer variation of the family, above which this one may not go."""
