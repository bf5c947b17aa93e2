"""A tiny stateful Amazon for tests: reports that take their time, pages with tokens, documents we wrote."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from connectors.engine import runner
from connectors.engine.protocol import ConnectorSpec, Page, Request, Response, StreamContext, Wait
from connectors.registry import get_spec
from connectors.types import StoreRef

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
PLACES = {"US": "ATVPDKIKX0DER", "CA": "A2EUQ1WTGCTBG2", "MX": "A1AM78C64UM0Y8", "JP": "A1VC38T7YXB528"}
SELLER = "AOWNSELLER0001"
PROFILE = "1234567890"


def context(
    market: str = "US", *, now: datetime = NOW, today: date | None = None, **changes: Any
) -> StreamContext:
    """A store in a market, with two known products."""
    place = get_spec("amazon_sp").marketplaces[PLACES[market]]
    store = StoreRef(1, 1, "amazon_sp", market, place.id, f"{market} store", place.currency, place.time_zone)
    made = StreamContext(
        store=store,
        account={"seller_id": SELLER, "profile_id": PROFILE},
        now=now,
        today=today or now.astimezone(_zone(place.time_zone)).date(),
        backfill_days=40,
        buyer_pepper=b"pepper" * 6,
        skus={"CUP-1": "B000000001", "POT-2": "B000000002"},
    )
    return replace(made, **changes)


def _zone(name: str) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def tsv(columns: str, *rows: Mapping[str, object]) -> str:
    """A flat file of the named columns (separated by blanks); a row names the cells that are not empty."""
    names = columns.split()
    lines = ["\t".join(names)]
    for row in rows:
        unknown = set(row) - set(names)
        assert not unknown, f"the file has no columns {unknown}"
        lines.append("\t".join(str(row.get(name, "")) for name in names))
    return "\r\n".join(lines) + "\r\n"


@dataclass
class Amazon:
    """Answers requests. `documents` maps report types (and "ads") to their text or bytes.

    `polls` is how often a report is not ready yet; `outcome` how reports end; `asked` records everything.
    """

    documents: dict[str, str | bytes] = field(default_factory=dict)
    answers: dict[str, list[Any]] = field(default_factory=dict)
    polls: int = 1
    outcome: str = "DONE"
    content_type: str = "text/plain; charset=UTF-8"
    asked: list[Request] = field(default_factory=list)
    _reports: dict[str, tuple[str, int]] = field(default_factory=dict)

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        handler = getattr(self, f"_{request.operation}", None)
        if handler is not None:
            body = handler(request)
        else:
            index = sum(1 for earlier in self.asked[:-1] if earlier.operation == request.operation)
            given = self.answers[request.operation]
            body = given[min(index, len(given) - 1)]
        if isinstance(body, Response):
            return body
        return Response(200, {}, body if isinstance(body, bytes) else json.dumps(body).encode())

    def count(self, operation: str) -> int:
        """How often an operation was asked for."""
        return sum(1 for request in self.asked if request.operation == operation)

    def _createReport(self, request: Request) -> Any:
        report_id = f"R{len(self._reports) + 1}"
        self._reports[report_id] = (request.json["reportType"], self.polls)
        return {"reportId": report_id}

    def _getReport(self, request: Request) -> Any:
        report_id = request.path["reportId"]
        if report_id not in self._reports:
            return Response(204, {}, b"")
        kind, left = self._reports[report_id]
        self._reports[report_id] = (kind, left - 1)
        answer = {"reportId": report_id, "reportType": kind, "createdTime": "2026-11-21T20:00:00Z"}
        if left > 0:
            return {**answer, "processingStatus": "IN_PROGRESS"}
        if self.outcome == "CANCELLED":
            return {**answer, "processingStatus": "CANCELLED"}
        return {**answer, "processingStatus": self.outcome, "reportDocumentId": f"D:{kind}"}

    def _getReportDocument(self, request: Request) -> Any:
        document = request.path["reportDocumentId"]
        if document.removeprefix("D:") not in self.documents:
            return Response(204, {}, b"")
        return {
            "reportDocumentId": document,
            "url": f"https://tortuga-prod-na.s3-external-1.amazonaws.com/{document}",
            "compressionAlgorithm": "GZIP",
        }

    def _document(self, request: Request) -> Any:
        assert not request.headers, "a presigned document is fetched without the platform's headers"
        kind = request.url.rpartition("/")[2].removeprefix("D:")
        document = self.documents[kind]
        data = document if isinstance(document, bytes) else document.encode()
        packed = data if data.startswith(b"\x1f\x8b") else gzip.compress(data)
        return Response(200, {"content-type": self.content_type}, packed)

    def _listProfiles(self, request: Request) -> Any:
        return [{"profileId": int(PROFILE), "currencyCode": "USD", "timezone": "America/Los_Angeles"}]

    def _createAsyncReport(self, request: Request) -> Any:
        if "createAsyncReport" in self.answers:
            return self.answers["createAsyncReport"][0]
        self._reports["A1"] = ("ads", self.polls)
        return {"reportId": "A1", "status": "PENDING"}

    def _getAsyncReport(self, request: Request) -> Any:
        report_id = request.path["reportId"]
        _, left = self._reports.get(report_id, ("ads", 0))
        self._reports[report_id] = ("ads", left - 1)
        if left > 0:
            return {"reportId": report_id, "status": "PROCESSING", "url": None}
        if self.outcome == "FATAL":
            return {"reportId": report_id, "status": "FAILED", "failureReason": "no such column"}
        return {"reportId": report_id, "status": "COMPLETED", "url": "https://x.s3.amazonaws.com/D:ads"}


def pages_of(
    stream: str,
    amazon: Any,
    where: StreamContext,
    cursor: Mapping[str, Any] | None = None,
    *,
    platform: str = "amazon_sp",
    waits: list[Wait] | None = None,
) -> Iterator[Page]:
    """Drive a stream as the product does; waits are noted, not waited."""
    spec: ConnectorSpec = get_spec(platform)
    noted: list[Wait] = waits if waits is not None else []
    return runner.pages(spec.streams[stream], where, cursor or {}, fetch=amazon, wait=noted.append)


def everything(pages: list[Page]) -> list[Any]:
    """All records of pages, in order."""
    return [record for page in pages for record in page.records]
