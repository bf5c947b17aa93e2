"""What kpis hands to others and what its pure core speaks in: frozen values and enumerations, no rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Unit(StrEnum):
    """What a number counts. Money carries its currency beside it; a fraction is 0.16, never 16 %."""

    MONEY = "money"
    COUNT = "count"
    FRACTION = "fraction"
    MULTIPLE = "multiple"
    DAYS = "days"
    STARS = "stars"
    INDEX = "index"
    HOURS = "hours"
    SCORE = "score"
    RANK = "rank"
    LEVEL = "level"
    NUMBER = "number"


class Position(StrEnum):
    """Whose KPI it is in an agency's team: the position that answers for it."""

    ACCOUNT_MANAGER = "account_manager"
    LISTING_OPERATOR = "listing_operator"
    ADS_OPERATOR = "ads_operator"
    WAREHOUSE = "warehouse"
    CUSTOMER_SERVICE = "customer_service"
    FINANCE = "finance"
    COMPLIANCE = "compliance"


class Direction(StrEnum):
    """Which way is good: up, down, inside a band, close to zero, or only watched (never judged)."""

    UP = "up"
    DOWN = "down"
    RANGE = "range"
    ABS = "abs"
    WATCH = "watch"


class Basis(StrEnum):
    """Which day a number belongs to, always in the shop's time zone (the ad profile's for ads)."""

    ORDER = "order"
    POSTED = "posted"
    SNAPSHOT = "snapshot"
    VISIT = "visit"
    CLICK = "click"
    REPORT = "report"
    OBSERVED = "observed"
    RATE = "rate"


class Status(StrEnum):
    """The verdict on a number. `INSUFFICIENT_DATA` stands wherever red or green would be a guess."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    NO_TARGET = "no_target"
    INSUFFICIENT_DATA = "insufficient_data"
    UNAVAILABLE = "unavailable"


class ProvisionalStatus(StrEnum):
    """The verdicts there can be on a number that is not final yet."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


class Reason(StrEnum):
    """Why there is no value, no verdict or no comparison. Codes are stable and never translated."""

    NO_DATA = "no_data"
    NEVER_SYNCED = "never_synced"
    SUSPECT_EMPTY = "suspect_empty"
    STALE = "stale"
    PERIOD_INCOMPLETE = "period_incomplete"
    COVERAGE_INCOMPLETE = "coverage_incomplete"
    NOT_FINAL = "not_final"
    BELOW_MINIMUM_SAMPLE = "below_minimum_sample"
    COST_INCOMPLETE = "cost_incomplete"
    FX_MISSING = "fx_missing"
    SAME_CURRENCY = "same_currency"
    NO_REFERENCE = "no_reference"
    DIVISION_BY_ZERO = "division_by_zero"
    BASE_NOT_POSITIVE = "base_not_positive"
    TARGETS_DIFFER = "targets_differ"
    NO_SALES = "no_sales"
    NO_ORDERS = "no_orders"
    NO_UNITS = "no_units"
    NO_COSTS = "no_costs"
    NO_SESSIONS = "no_sessions"
    NO_PAGE_VIEWS = "no_page_views"
    NO_AD_SALES = "no_ad_sales"
    NO_AD_SPEND = "no_ad_spend"
    NO_SHIPMENTS = "no_shipments"
    NO_STOCK = "no_stock"
    NO_SNAPSHOT = "no_snapshot"
    NO_FEEDBACK = "no_feedback"
    NO_COMPETITORS = "no_competitors"
    OTHER_PERIOD = "other_period"
    NO_CLICKS = "no_clicks"
    NO_IMPRESSIONS = "no_impressions"
    NO_CHECKOUTS = "no_checkouts"
    NO_RANKS = "no_ranks"
    NO_BUYERS = "no_buyers"
    NO_ACQUISITION_SPEND = "no_acquisition_spend"
    NO_ACTIVE_SKUS = "no_active_skus"
    NO_DECLARATIONS = "no_declarations"
    NO_DOCUMENTS = "no_documents"
    NO_INBOUND = "no_inbound"
    NO_DELIVERIES = "no_deliveries"
    NO_CONVERSATIONS = "no_conversations"
    NO_REVIEWS = "no_reviews"
    NO_ANSWERS = "no_answers"
    NO_REFUNDS = "no_refunds"
    NO_REPORT = "no_report"
    NO_CERTIFICATES = "no_certificates"
    NO_CHECKS = "no_checks"
    NO_PAYOUTS = "no_payouts"
    NO_WORK = "no_work"
    NO_PRICE_CHANGES = "no_price_changes"
    NO_PRICE_VARIATION = "no_price_variation"
    NO_EXPOSURE = "no_exposure"


class LineRole(StrEnum):
    """Whether a KPI is one of the three to five that matter, supports them, or was taken off."""

    CORE = "core"
    AUXILIARY = "auxiliary"
    OFF = "off"


class Grain(StrEnum):
    """The width of one point of a series."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a number should be. Up, down and abs use `target` and `warn`; a range uses the four bounds.

    `target_low..target_high` is fine, `warn_low..warn_high` (a wider band, either side open) is a warning,
    beyond it is bad.
    """

    direction: Direction
    target: Decimal | None = None
    warn: Decimal | None = None
    target_low: Decimal | None = None
    target_high: Decimal | None = None
    warn_low: Decimal | None = None
    warn_high: Decimal | None = None

    @property
    def is_set(self) -> bool:
        """Is there anything to judge by?"""
        return self.target is not None or self.target_low is not None or self.target_high is not None


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target in force: the goal with its role and weight on the store's scorecard, and who set it why.

    `acknowledged_at` is when somebody last took note of this very version; None: nobody has (R6).
    """

    store_id: int
    kpi: str
    role: LineRole
    weight: Decimal
    goal: Goal
    effective_on: date
    version: int
    owner: str
    deadline_on: date | None
    source: str
    recorded_at: datetime
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FormulaView:
    """One version of a client's own formula; `names` by language code zh, en, ja, es."""

    key: str
    version: int
    names: dict[str, str]
    unit: Unit
    direction: Direction
    expression: str
    note: str
    override_reason: str
    is_archived: bool
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """Which template a store's scorecard was last made from, and since when."""

    store_id: int
    template: str
    template_version: int
    effective_on: date
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class BaselineView:
    """Where a KPI stood when its first target was set: the median of `n` complete weeks, frozen."""

    store_id: int
    kpi: str
    value: Decimal
    currency: str
    method: str
    n: int
    window_start_on: date
    window_end_on: date
    frozen_at: datetime


@dataclass(frozen=True, slots=True)
class RollupResult:
    """What a roll-up did: how many (store, day) it looked at and how many measure rows changed.

    `batch` is 0 when nothing changed. `claimed` counts dirty days taken (0: nothing is left to do).
    """

    claimed: int
    days: int
    opened: int
    closed: int
    batch: int
