"""What a platform has to say of itself, and how a stream speaks: requests out, pages in, no I/O.

A stream is a generator. It yields a `Request` and is sent the `Response`; it yields a `Wait` where the
platform needs time (a report being made) and a `Page` whenever something is worth keeping. A page carries
records *and* the cursor from which a new generator would go on, so a sync may die after any page and
resume. A page with no records is a pure checkpoint (a report id that must not be lost).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from connectors.types import Family, Record, RejectedRow, StoreRef


class Scope(StrEnum):
    """How far one run of a stream reaches."""

    STORE = "store"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing we may ask of a platform. Anything that is not listed never leaves the process.

    `host` is an origin ("https://…"), or "" for a presigned document URL, which is then limited to
    `document_hosts` of the spec. `path` may hold `{name}` segments. `rate`/`burst` are the published limit
    (requests per second, bucket size); `reads` says why a POST is only a read.
    """

    key: str
    method: str
    host: str
    path: str
    rate: float
    burst: int
    reads: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One call: `operation` names an `Operation` of the platform's manifest.

    `url` is set only for presigned documents (sent without the platform's credentials).
    """

    operation: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; headers are lower-cased. A status of 400 or more is a refusal that the platform's classifier
    calls skippable; any other error never reaches a stream: `fetch` raises."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask again in `seconds`. Short waits sleep; a long one ends the turn and reschedules the job."""

    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Page:
    """Records to keep, in one transaction with the cursor that follows them.

    `replaces` names order ids (or settlement ids) whose lines this page holds *completely*: lines of those
    that are not in the page are deleted. `covered_from`/`covered_through` are the shop days (both included)
    that are known completely once this page is stored; `data_as_of` is the instant the platform speaks for.
    `raw` is the body with personal data already dropped, kept for replay; `empty` marks a report that came
    back with no rows at all (Y12: not the same as zero). `doubt` says why the run ends here although that
    may not have been all; such a page claims no days.
    """

    cursor: Mapping[str, Any]
    records: tuple[Record, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()
    replaces: tuple[str, ...] = ()
    covered_from: date | None = None
    covered_through: date | None = None
    data_as_of: datetime | None = None
    raw: bytes = b""
    raw_type: str = ""
    empty: bool = False
    note: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class StreamContext:
    """What a stream may know: its store, the seller's own account id, the clock, and how far back to go.

    `skus` are the store's known SKUs with their product ids (for fee and offer streams).
    `buyer_pepper` keys the hash of a buyer's identifier; `today` is the shop's business day.
    """

    store: StoreRef
    account: Mapping[str, str]
    now: datetime
    today: date
    backfill_days: int
    buyer_pepper: bytes
    skus: Mapping[str, str] = field(default_factory=dict)
    own_sellers: frozenset[str] = frozenset()


class Stream(Protocol):
    """One kind of data of one platform. Stateless: everything it must remember is in the cursor."""

    key: str
    family: Family
    cadence: timedelta
    stale_after: timedelta
    needs_skus: bool

    def run(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Generator[Request | Wait | Page, Response | None, None]:
        """Yield requests, waits and pages from `cursor` ({} at first) up to now."""
        ...


class Action(StrEnum):
    """What to do about a failed call."""

    RETRY = "retry"
    WAIT = "wait"
    REFRESH = "refresh"
    SKIP = "skip"
    FIX_CONFIG = "fix_config"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Failure:
    """A refused call, classified: `code` is stable and ours, `message` is for a person, without secrets."""

    action: Action
    code: str
    message: str
    retry_after: float | None = None


class Authenticator(Protocol):
    """Turns a stored credential into headers. Pure: `token_request` describes the call, others send it."""

    credential_fields: tuple[str, ...]

    def token_request(self, credential: Mapping[str, str]) -> Request:
        """The call that buys an access token."""
        ...

    def read_token(self, response: Response) -> tuple[str, float]:
        """Access token and its life in seconds."""
        ...

    def headers(
        self, token: str, credential: Mapping[str, str], account: Mapping[str, str]
    ) -> Mapping[str, str]:
        """The headers of every call but presigned documents."""
        ...


@dataclass(frozen=True, slots=True)
class Marketplace:
    """A place to sell on a platform: its id there, its market, money, clock, and the host that serves it."""

    id: str
    market: str
    currency: str
    time_zone: str
    host: str


@dataclass(frozen=True, slots=True)
class ConnectorSpec:
    """Everything about one platform, in one value. `SPEC` of its manifest module."""

    key: str
    title: str
    marketplaces: Mapping[str, Marketplace]
    operations: Mapping[str, Operation]
    document_hosts: tuple[str, ...]
    streams: Mapping[str, Stream]
    auth: Authenticator
    classify: ErrorClassifier
    scope_warning: str = ""
    account_fields: tuple[str, ...] = ()


class ErrorClassifier(Protocol):
    """Maps a refused answer of a platform to what is to be done about it."""

    def __call__(self, status: int, headers: Mapping[str, str], body: bytes, operation: str) -> Failure:
        """Classify an answer of status ≥ 400."""
        ...
