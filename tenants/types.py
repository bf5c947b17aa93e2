"""What other apps receive from tenants: frozen values and enumerations, never rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class ClientState(StrEnum):
    """Where a client stands; only ACTIVE ones are worked for."""

    PREPARING = "preparing"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Role(StrEnum):
    """What a person is to a client. The first four are staff, the last two the client's own logins."""

    OWNER = "owner"
    MANAGER = "manager"
    ANALYST = "analyst"
    OPERATOR = "operator"
    CLIENT_ADMIN = "client_admin"
    CLIENT_VIEWER = "client_viewer"


class SlaClass(StrEnum):
    """How soon a contract promises an answer: in 24 hours, in 4 hours, or in 8 working hours."""

    STANDARD = "standard"
    URGENT = "urgent"
    BUSINESS = "business"


class ContractModule(StrEnum):
    """What the agency is engaged for; FULL is all of it."""

    KPI = "kpi"
    PRICING = "pricing"
    ADS = "ads"
    FULL = "full"


class ReportCadence(StrEnum):
    """How often the agency reports."""

    WEEK = "week"
    MONTH = "month"


class PacingBand(StrEnum):
    """Sales against target: under 5 % behind is good, up to 20 % to be watched, more is bad."""

    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"
    UNKNOWN = "unknown"


class HealthBand(StrEnum):
    """The worst that a platform's account health shows."""

    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"
    UNKNOWN = "unknown"


STAFF_ROLES = frozenset({Role.OWNER, Role.MANAGER, Role.ANALYST, Role.OPERATOR})


@dataclass(frozen=True, slots=True)
class ClientRef:
    """A client as everything below the HTTP edge knows it. `id` 0 is the provider (public schema)."""

    id: int
    slug: str
    schema_name: str
    name: str = ""
    reporting_currency: str = "USD"
    time_zone: str = "Asia/Shanghai"
    week_start: int = 1
    state: ClientState = ClientState.ACTIVE


class ActorKind(StrEnum):
    """Who acts: a person, a machine with a key, or the product itself."""

    USER = "user"
    API_KEY = "api_key"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does what is being done; `id` is the user's or key's id, `label` is safe to show to the client."""

    kind: ActorKind
    id: int | None
    label: str


class JobState(StrEnum):
    """The life of a job: queued → running → (waiting →) succeeded | failed | cancelled."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINISHED_STATES = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True)
class JobView:
    """A durable piece of work, as its owner may see it. `progress` and `result` are JSON objects."""

    id: int
    kind: str
    key: str
    state: JobState
    attempts: int
    run_after: datetime
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    progress: dict[str, Any]
    result: dict[str, Any] | None
    problem: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ClientView:
    """A client as the API shows it; `version` rises with every change and makes its ETag."""

    id: int
    slug: str
    name: str
    state: ClientState
    reporting_currency: str
    time_zone: str
    locale: str
    week_start: int
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MemberView:
    """What one person is to the client, and who the person is."""

    id: int
    user_id: int
    email: str
    name: str
    role: Role
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ContactView:
    """How to reach a person of the client, in which language, and what they are to it."""

    user_id: int
    email: str
    name: str
    locale: str
    time_zone: str
    role: Role


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """A key without its secret."""

    id: int
    name: str
    prefix: str
    scopes: list[str]
    networks: list[str]
    created_by_id: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProviderView:
    """The agency that runs this deployment."""

    name: str
    locale: str
    reporting_currency: str


@dataclass(frozen=True, slots=True)
class ClientVitalsView:
    """How a client was doing when it was last measured, as monitoring shows it; `client` is its slug.

    `jobs` counts the unfinished by state, `streams` those of active stores by freshness. Ages follow from
    the instants: when the first job that nobody holds is due, up to when all streams are known, and when the
    first of them is older than allowed.
    """

    client: str
    jobs: dict[str, int]
    oldest_due_at: datetime | None
    streams: dict[str, int]
    oldest_as_of: datetime | None
    stale_at: datetime | None
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class ContractView:
    """A version of a client's contract; version 0 is what holds while nothing was recorded.

    `opens` and `closes` are minutes after midnight by the clock of `time_zone`, the client's office;
    `holiday_market` names whose rest days it keeps ("": none). Days are inclusive.
    """

    client_id: int
    version: int
    effective_on: date | None
    modules: tuple[ContractModule, ...]
    reports: tuple[ReportCadence, ...]
    sla_class: SlaClass
    contact_id: int | None
    contact_time_zone: str
    time_zone: str
    opens: int
    closes: int
    weekdays: tuple[int, ...]
    holiday_market: str
    start_on: date | None
    end_on: date | None
    exit_window_days: int
    recorded_at: datetime | None
    recorded_by: str


@dataclass(frozen=True, slots=True)
class PortfolioFigures:
    """What is counted at a client for the agency's view: aggregates and words of fixed lists, nothing else.

    `shortfall` is how far sales are behind their target as a fraction, below zero when they are ahead; None
    where there is no target or no figure.
    """

    band: PacingBand
    shortfall: Decimal | None
    health: HealthBand
    alerts_info: int
    alerts_warning: int
    alerts_critical: int
    stale_streams: int
    overdue_actions: int
    overdue_approvals: int
    breached_clocks: int
    as_of: datetime
