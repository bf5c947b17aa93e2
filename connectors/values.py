"""What connectors tells of its own affairs: connections, stores, runs, cost sheets, uploads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from config.lib.errors import FieldError
from config.lib.money import Money
from connectors.types import ConnectionState, CostLine, Family, RunState, StoreRef, StreamFreshness


@dataclass(frozen=True, slots=True)
class StreamRef:
    """A stream that feeds a store: of which platform, through which connection, how often, what into."""

    store_id: int
    connection_id: int
    platform: str
    key: str
    family: Family
    cadence: timedelta
    stale_after: timedelta


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """An authorisation at a platform as people see it: everything but the credential.

    `attention` says why a person is needed (code, message, since, stream), `warnings` what the platform
    grants beyond reading because it knows no narrower grant.
    """

    id: int
    platform: str
    name: str
    account: dict[str, str]
    state: ConnectionState
    attention: dict[str, str] | None
    warnings: list[dict[str, str]]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CostSheetInput:
    """The unit costs of a SKU from a day on, as somebody hands them in. `market` "" means every market,
    `channel` "" every sales channel.

    `lines` hold amount and currency per cost line; a line that is missing costs nothing.
    """

    sku: str
    market: str
    effective_on: date
    lines: Mapping[CostLine, Money]
    channel: str = ""


class CostOutcome(StrEnum):
    """What became of one handed-in sheet: UNCHANGED says the same as the sheet already in force that day."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class CostSheetResult:
    """What became of one handed-in sheet; `version` and `id` are None where nothing is stored."""

    outcome: CostOutcome
    id: int | None = None
    version: int | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class CostSheetView:
    """A stored sheet with its lines. The highest version of a day counts."""

    id: int
    sku: str
    market: str
    effective_on: date
    version: int
    source: str
    recorded_at: datetime
    lines: Mapping[CostLine, Money]
    channel: str = ""


@dataclass(frozen=True, slots=True)
class CostLotInput:
    """Units of a SKU bought together, as somebody hands them in; `lines` hold the cost of one unit."""

    lot_key: str
    sku: str
    market: str
    received_on: date
    quantity: int
    lines: Mapping[CostLine, Money]


@dataclass(frozen=True, slots=True)
class CostLotView:
    """A lot as it stands; `version` rises with every correction."""

    id: int
    lot_key: str
    sku: str
    market: str
    received_on: date
    quantity: int
    lines: Mapping[CostLine, Money]
    version: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class CostingRuleView:
    """How units are costed from a day on; `sku` and `market` "" mean all of them."""

    sku: str
    market: str
    method: str
    effective_on: date
    version: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DerivedCosts:
    """What a derivation did: SKUs looked at, sheets written, and units sold beyond all lots per SKU."""

    skus: int
    sheets: int
    short_units: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CostImpact:
    """What a change of unit costs does to one store in one currency: cost of units sold, before and after.

    `days` and `units` count the shop days and units whose cost moves; `uncosted` units had none before.
    """

    store_id: int
    currency: str
    first_on: date
    last_on: date
    days: int
    units: int
    uncosted: int
    before: Decimal
    after: Decimal

    @property
    def delta(self) -> Decimal:
        """After less before."""
        return self.after - self.before


class CostConfidence(StrEnum):
    """How an amount is known: stated, charged or estimated by the platform, measured, allocated, or not."""

    STATED = "stated"
    CHARGED = "charged"
    ESTIMATED = "estimated"
    MEASURED = "measured"
    ALLOCATED = "allocated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LandedLine:
    """One line of a unit's full cost: as paid, and in the store's currency by the rate of `rate_on`."""

    line: str
    amount: Money | None
    converted: Money | None
    rate: Decimal | None
    rate_on: date | None
    source: str
    confidence: CostConfidence


@dataclass(frozen=True, slots=True)
class LandedCost:
    """Everything one unit of a SKU costs until it is sold; `missing` names the lines nobody knows."""

    sku: str
    channel: str
    on: date
    lines: tuple[LandedLine, ...]
    total: Money
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CostGap:
    """A SKU whose cost is not wholly known: what it sold, and which parts of the cost are missing."""

    sku: str
    units: int
    sales: Money
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CostScore:
    """How completely a store's costs are known: points of 100 per unit sold, None where nothing was sold."""

    store_id: int
    score: Decimal | None
    units: int
    share_with_cost: Decimal | None
    allows_verdicts: bool
    gaps: tuple[CostGap, ...]


@dataclass(frozen=True, slots=True)
class CostCompleteness:
    """How much of what a store sold has a unit cost on its day; `share` is None where nothing was sold."""

    store_id: int
    units: int
    units_with_cost: int
    skus_without_cost: tuple[str, ...]

    @property
    def share(self) -> Decimal | None:
        """Units with a cost over all units, a fraction."""
        return Decimal(self.units_with_cost) / self.units if self.units else None


@dataclass(frozen=True, slots=True)
class UploadResult:
    """What became of an uploaded file; `id` is None after a dry run. Row counts leave the header out."""

    id: int | None
    sha256: str
    rows_read: int
    rows_written: int
    rows_unchanged: int


@dataclass(frozen=True, slots=True)
class StoreView:
    """A store with the state of every stream that feeds it."""

    store: StoreRef
    ads_connection_id: int | None
    backfill_days: int
    is_active: bool
    streams: tuple[StreamFreshness, ...]


@dataclass(frozen=True, slots=True)
class RunView:
    """One run of one stream: what it read and what that changed."""

    id: int
    store_id: int
    stream: str
    job_id: int | None
    state: RunState
    pages: int
    rows_read: int
    rows_written: int
    rows_unchanged: int
    rows_rejected: int
    problem: dict[str, str] | None
    started_at: datetime
    finished_at: datetime | None
