"""A platform for tests: a specification of its own and a real HTTP server that behaves as it is told.

`SPEC` has a paged stream ("orders"), a report stream over the same orders ("orders_report", with checkpoint,
wait and presigned document) and a stream without rows of its own ("returns"). `FakePlatform` serves them on a
local port; map `ORIGIN` to it by PLATFORM_ENDPOINTS.
"""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.engine.protocol import (
    Action,
    ConnectorSpec,
    Failure,
    Marketplace,
    Operation,
    Page,
    Request,
    Response,
    StreamContext,
    Wait,
)
from connectors.types import (
    ChargeKind,
    ChargeRecord,
    Family,
    FulfilmentChannel,
    OrderLineRecord,
    OrderStatus,
    RejectedRow,
    ReturnRecord,
    TaxCollector,
)

ORIGIN = "https://api.fake.example"
DOCUMENTS = "https://documents.fake.example"
DAY = date(2026, 8, 1)

Answer = tuple[int, dict[str, str], str]


def at(day: date, hour: int = 12) -> datetime:
    """An instant on a day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def order_line(
    order: str = "O-1",
    line: str = "1",
    *,
    sku: str = "SKU-1",
    day: date = DAY,
    version: int = 0,
    quantity: int = 1,
    gross: str = "10.00",
    status: OrderStatus = OrderStatus.SHIPPED,
) -> OrderLineRecord:
    """An order line; `version` counts hours after the order."""
    return OrderLineRecord(
        platform_order_id=order,
        line_no=line,
        sku=sku,
        product_id=f"P-{sku}",
        ordered_at=at(day, 1),
        business_on=day,
        status=status,
        channel=FulfilmentChannel.PLATFORM,
        quantity=quantity,
        currency="USD",
        gross_amount=Decimal(gross),
        tax_amount=Decimal("0.80"),
        tax_collector=TaxCollector.PLATFORM,
        shipping_amount=Decimal(0),
        shipping_tax_amount=Decimal(0),
        discount_amount=Decimal(0),
        points_amount=Decimal(0),
        is_replacement=False,
        is_business=False,
        buyer_hash="",
        source_updated_at=at(day, 1) + timedelta(hours=version),
    )


def charge(
    transaction: str = "T-1",
    line: str = "0",
    *,
    order: str = "O-1",
    kind: ChargeKind = ChargeKind.REFERRAL_FEE,
    day: date = DAY,
    amount: str = "-1.50",
    version: int = 0,
) -> ChargeRecord:
    """A financial movement posted on `day`."""
    return ChargeRecord(
        transaction_id=transaction,
        line_no=line,
        kind=kind,
        status="RELEASED",
        platform_order_id=order,
        sku="SKU-1",
        posted_at=at(day),
        business_on=day,
        quantity=1,
        currency="USD",
        amount=Decimal(amount),
        description="Commission",
        source_updated_at=at(day) + timedelta(hours=version),
    )


def returned(key: str = "R-1", *, order: str = "O-1", day: date = DAY) -> ReturnRecord:
    """A returned unit."""
    return ReturnRecord(
        return_key=key,
        platform_order_id=order,
        sku="SKU-1",
        product_id="P-SKU-1",
        returned_at=at(day),
        business_on=day,
        quantity=1,
        reason="UNWANTED_ITEM",
        disposition="SELLABLE",
        status="Unit returned to inventory",
        source_updated_at=at(day),
    )


def page_of(*records: Any, cursor: Mapping[str, Any] | None = None, **more: Any) -> Page:
    """A page that replaces the orders it holds completely, unless told otherwise."""
    orders = {r.platform_order_id: None for r in records if isinstance(r, OrderLineRecord)}
    return Page(cursor=cursor or {"token": 1}, records=tuple(records), **{"replaces": tuple(orders), **more})


@dataclass(slots=True)
class FakeAuth:
    """Client credentials for a bearer token."""

    credential_fields: tuple[str, ...] = ("client_id", "refresh_token")

    def token_request(self, credential: Mapping[str, str]) -> Request:
        """Ask for a token."""
        return Request(operation="token", form={"refresh_token": credential["refresh_token"]})

    def read_token(self, response: Response) -> tuple[str, float]:
        """Read it."""
        body = json.loads(response.body)
        return body["access_token"], float(body["expires_in"])

    def headers(
        self, token: str, credential: Mapping[str, str], account: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Show it."""
        return {"authorization": f"Bearer {token}"}


def classify(status: int, headers: Mapping[str, str], body: bytes, operation: str) -> Failure:
    """401 renews, 403 needs a person, 404 is skipped, 429 waits, 5xx is tried again, the rest fails."""
    text = body.decode(errors="replace")
    if operation == "token" and status == 400:
        return Failure(Action.FIX_CONFIG, "invalid_grant", "The authorisation was revoked.")
    known = {401: Action.REFRESH, 403: Action.FIX_CONFIG, 404: Action.SKIP, 429: Action.WAIT}
    action = known.get(status, Action.RETRY if status >= 500 else Action.FAIL)
    return Failure(action, f"http_{status}", text or f"HTTP {status}")


@dataclass(slots=True, eq=False)
class FakeStream:
    """A stream whose life is a function."""

    key: str
    family: Family
    life: Callable[
        [StreamContext, Mapping[str, Any]], Generator[Request | Wait | Page, Response | None, None]
    ]
    cadence: timedelta = timedelta(hours=1)
    stale_after: timedelta = timedelta(hours=3)
    needs_skus: bool = False

    def run(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Generator[Request | Wait | Page, Response | None, None]:
        """Live."""
        return self.life(context, cursor)


def _orders(
    context: StreamContext, cursor: Mapping[str, Any]
) -> Generator[Request | Wait | Page, Response | None, None]:
    token = cursor.get("token", 0)
    while token is not None:
        answer = yield Request(operation="list_orders", query={"token": str(token)})
        assert answer is not None
        if answer.status == 404 and answer.body == b"gone":
            return
        body = json.loads(answer.body)
        token = body["next"]
        following = {"token": token} if token is not None else {"since": body["last"]}
        yield _page(body, answer.body, following)


def _orders_report(
    context: StreamContext, cursor: Mapping[str, Any]
) -> Generator[Request | Wait | Page, Response | None, None]:
    report = cursor.get("report")
    if report is None:
        answer = yield Request(operation="create_report", json={"days": context.backfill_days})
        assert answer is not None
        report = json.loads(answer.body)["id"]
        yield Page(cursor={"report": report}, note="report ordered")
    while True:
        answer = yield Request(operation="get_report", path={"report": report})
        assert answer is not None
        status = json.loads(answer.body)
        if status["state"] == "DONE":
            break
        yield Wait(status["wait"], "the report is being made")
    answer = yield Request(operation="document", url=status["url"])
    assert answer is not None
    body = json.loads(answer.body)
    yield _page(body, answer.body, {"since": body["last"]}, empty=not body["orders"])


def _page(body: dict[str, Any], raw: bytes, cursor: Mapping[str, Any], *, empty: bool = False) -> Page:
    records: list[OrderLineRecord] = []
    rejected: list[RejectedRow] = []
    for index, row in enumerate(body["orders"]):
        if row.get("bad"):
            rejected.append(RejectedRow(f"/orders/{index}", "no amount", {"order": row["order"]}))
        else:
            records.append(
                order_line(row["order"], row["line"], version=row.get("version", 0), gross=row["gross"])
            )
    return Page(
        cursor=cursor,
        records=tuple(records),
        rejected=tuple(rejected),
        replaces=tuple(dict.fromkeys(record.platform_order_id for record in records)),
        covered_from=DAY,
        covered_through=DAY,
        data_as_of=at(DAY, 20),
        raw=raw,
        raw_type="application/json",
        empty=empty,
    )


def nothing(
    context: StreamContext, cursor: Mapping[str, Any]
) -> Generator[Request | Wait | Page, Response | None, None]:
    """Know every day up to today, without a row."""
    yield Page(cursor={"since": 1}, covered_from=DAY, covered_through=context.today, data_as_of=context.now)


STREAMS = {
    stream.key: stream
    for stream in (
        FakeStream("orders", Family.ORDERS, _orders),
        FakeStream("orders_report", Family.ORDERS, _orders_report, cadence=timedelta(days=1)),
        FakeStream("returns", Family.RETURNS, nothing),
    )
}

SPEC = ConnectorSpec(
    key="fake",
    title="Fake Platform",
    marketplaces={
        "FAKE-US": Marketplace("FAKE-US", "US", "USD", "America/Los_Angeles", ORIGIN),
        "FAKE-JP": Marketplace("FAKE-JP", "JP", "JPY", "Asia/Tokyo", ORIGIN),
    },
    operations={
        operation.key: operation
        for operation in (
            Operation("token", "POST", ORIGIN, "/token", 100, 100, reads="buys a token"),
            Operation("list_orders", "GET", ORIGIN, "/orders", 1000, 1000),
            Operation("create_report", "POST", ORIGIN, "/reports", 1000, 1000, reads="orders a report"),
            Operation("get_report", "GET", ORIGIN, "/reports/{report}", 1000, 1000),
            Operation("document", "GET", "", "/documents/{id}", 1000, 1000),
        )
    },
    document_hosts=("documents.fake.example",),
    streams=STREAMS,
    auth=FakeAuth(),
    classify=classify,
    scope_warning="The platform knows no read-only grant.",
    account_fields=("seller_id",),
)

ADS_SPEC = ConnectorSpec(
    key="fake_ads",
    title="Fake Ads",
    marketplaces=SPEC.marketplaces,
    operations={},
    document_hosts=(),
    streams={"campaigns": FakeStream("campaigns", Family.ADS, nothing)},
    auth=FakeAuth(),
    classify=classify,
    account_fields=("profile_id",),
)


@dataclass
class FakePlatform:
    """The server's world: what it answers and what it was asked. Faults are used up one by one."""

    pages: list[list[dict[str, Any]]] = field(default_factory=list)
    faults: dict[str, deque[Answer]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    is_revoked: bool = False
    waits: deque[float] = field(default_factory=deque)
    reports: int = 0
    authorizations: list[str] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    def fail(
        self, operation: str, status: int, headers: dict[str, str] | None = None, body: str = ""
    ) -> None:
        """Answer the next call of `operation` like this."""
        self.faults.setdefault(operation, deque()).append((status, headers or {}, body))

    @property
    def origin(self) -> str:
        """Where it listens."""
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def endpoints(self) -> dict[str, str]:
        """What PLATFORM_ENDPOINTS has to say."""
        return {ORIGIN: self.origin}

    def start(self) -> None:
        """Listen, in a thread."""
        world = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                self._reply("")

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length", 0))
                self._reply(self.rfile.read(length).decode())

            def _reply(self, body: str) -> None:
                status, headers, answer = world.answer(self.path, body, self.headers.get("authorization", ""))
                raw = answer.encode()
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(raw))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()

    def answer(self, path: str, body: str, authorization: str) -> Answer:
        """Decide what to answer."""
        parts = urlsplit(path)
        operation = {"token": "token", "orders": "list_orders", "documents": "document"}.get(
            parts.path.split("/")[1], "create_report" if parts.path == "/reports" else "get_report"
        )
        self.calls[operation] += 1
        waiting = self.faults.get(operation)
        if waiting:
            return waiting.popleft()
        if operation not in ("token", "document"):
            self.authorizations.append(authorization)
            if authorization != f"Bearer token-{self.tokens}":
                return 401, {}, "expired"
        answered: Answer = getattr(self, f"_{operation}")(parts.path, parse_qs(parts.query))
        return answered

    def _token(self, path: str, query: dict[str, list[str]]) -> Answer:
        if self.is_revoked:
            return 400, {}, json.dumps({"error": "invalid_grant"})
        self.tokens += 1
        return 200, {}, json.dumps({"access_token": f"token-{self.tokens}", "expires_in": 3600})

    def _list_orders(self, path: str, query: dict[str, list[str]]) -> Answer:
        index = int(query["token"][0])
        following = index + 1 if index + 1 < len(self.pages) else None
        rows = self.pages[index] if self.pages else []
        return 200, {}, json.dumps({"orders": rows, "next": following, "last": index})

    def _create_report(self, path: str, query: dict[str, list[str]]) -> Answer:
        self.reports += 1
        return 200, {}, json.dumps({"id": f"R{self.reports}"})

    def _get_report(self, path: str, query: dict[str, list[str]]) -> Answer:
        if self.waits:
            return 200, {}, json.dumps({"state": "IN_PROGRESS", "wait": self.waits.popleft()})
        return 200, {}, json.dumps({"state": "DONE", "url": f"{self.origin}/documents/1?signature=abc"})

    def _document(self, path: str, query: dict[str, list[str]]) -> Answer:
        rows = [row for page in self.pages for row in page]
        return 200, {}, json.dumps({"orders": rows, "last": len(self.pages)})


def rows(count: int, *, start: int = 0, version: int = 0, gross: str = "10.00") -> list[dict[str, Any]]:
    """Orders of one line each, as the server sends them."""
    return [
        {"order": f"O-{start + index}", "line": "1", "version": version, "gross": gross}
        for index in range(count)
    ]
