"""How a report comes to be: requested once, remembered, polled, downloaded. The life cycle lives only here.

    createReport → page with the report's id → getReport … (waits) → getReportDocument → presigned download

The id is kept in the cursor before anything else happens, so a restart resumes the same report and never
asks for it twice (Amazon limits requests to one a minute and fails reports asked for too often).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.engine.protocol import Page, Request, StreamContext, Wait
from connectors.platforms.amazon_sp.operations import DOCUMENT
from connectors.platforms.amazon_sp.streams.base import call
from connectors.platforms.common.documents import decode, inflate
from connectors.platforms.common.moments import instant_text
from connectors.platforms.common.problems import AnswerUnreadable, ReportFailed, ReportStuck
from connectors.platforms.common.steps import Steps, ask, ask_object, read_object, refused, try_ask

RETENTION = timedelta(days=89)
LONGEST_MAKING = timedelta(hours=12)
_MOST_POLLS = 250
_SHORTEST_POLL = 0.25
_LONGEST_POLL = 60.0
_LONGEST_REASON = 500

# Builds the cursor that holds a report's state; None stands for "no report under way".
Checkpoint = Callable[[Mapping[str, Any] | None], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What is asked of createReport. `since`/`until` are instants; None where the report knows no period."""

    report_type: str
    since: datetime | None = None
    until: datetime | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def body(self, marketplace_id: str) -> dict[str, Any]:
        """Return the body of createReport."""
        body: dict[str, Any] = {"reportType": self.report_type, "marketplaceIds": [marketplace_id]}
        if self.since is not None and self.until is not None:
            body["dataStartTime"] = instant_text(self.since)
            body["dataEndTime"] = instant_text(self.until)
        if self.options:
            body["reportOptions"] = dict(self.options)
        return body


@dataclass(frozen=True, slots=True)
class ReportState:
    """A report under way: its id, when we asked for it, its document once known, rows already stored."""

    id: str
    asked_at: datetime
    document: str = ""
    rows: int = 0

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> ReportState:
        """Read the state from a cursor."""
        asked = datetime.fromisoformat(kept["asked_at"])
        return cls(kept["id"], asked, kept.get("document", ""), kept.get("rows", 0))

    def write(self) -> dict[str, Any]:
        """Return the state as it is kept in a cursor."""
        asked = self.asked_at.isoformat()
        return {"id": self.id, "asked_at": asked, "document": self.document, "rows": self.rows}


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A downloaded report: its decoded bytes, the headers they came with, and its state."""

    state: ReportState
    data: bytes
    headers: Mapping[str, str]

    def text(self, market: str) -> str:
        """Decode a flat file; `DocumentUnreadable` when no encoding of the market fits."""
        return decode(self.data, self.headers, market)


def obtain(
    context: StreamContext,
    request: ReportRequest,
    kept: Mapping[str, Any] | None,
    checkpoint: Checkpoint,
) -> Steps[ReportDocument | ReportState]:
    """Bring a report to its document, from a kept state or from the beginning.

    Returns the bare `ReportState` when Amazon cancelled the report because there is no data. Raises
    `ReportFailed` with Amazon's reason (FATAL) and `ReportStuck` after twelve hours; in both cases the id is
    dropped first, so the next attempt asks anew.
    """
    state = ReportState.read(kept) if kept else None
    if state is not None and context.now - state.asked_at > RETENTION:
        yield Page(
            cursor=_dropped(checkpoint, state), note=f"report {state.id} is older than Amazon keeps it"
        )
        state = None
    while True:
        if state is None:
            state = yield from _create(context, request)
            yield Page(cursor=checkpoint(state.write()), note=f"report {state.id} requested")
        if not state.document:
            finished = yield from _poll(context, state, checkpoint)
            if finished is not None and not finished.document:
                return finished
            if finished is not None:
                state = finished
                yield Page(cursor=checkpoint(state.write()), note=f"report {state.id} is ready")
        document = (yield from download(context, state)) if state.document else None
        if document is not None:
            return document
        yield Page(
            cursor=_dropped(checkpoint, state), note=f"Amazon does not know report {state.id} any more"
        )
        state = None


def _create(context: StreamContext, request: ReportRequest) -> Steps[ReportState]:
    body = request.body(context.store.marketplace_id)
    answer = yield from ask_object(call("createReport", json=body))
    if not answer.get("reportId"):
        raise AnswerUnreadable("createReport answered without a report id")
    return ReportState(str(answer["reportId"]), context.now)


def _poll(context: StreamContext, state: ReportState, checkpoint: Checkpoint) -> Steps[ReportState | None]:
    """Return the finished state (without document when cancelled); None when Amazon knows no such report."""
    waited = 0.0
    for _ in range(_MOST_POLLS):
        response = yield from try_ask(call("getReport", path={"reportId": state.id}))
        if response is None or refused(response):
            return None
        answer = read_object(response.body)
        status = answer.get("processingStatus")
        document = str(answer.get("reportDocumentId") or "")
        if status == "DONE" and document:
            return replace(state, document=document)
        if status == "CANCELLED":
            return state
        if status == "FATAL":
            reason = yield from _reason(context, state, document)
            yield Page(cursor=_dropped(checkpoint, state), note=f"report {state.id} failed: {reason}")
            raise ReportFailed(f"{answer.get('reportType', 'report')} {state.id}: {reason}")
        age = (context.now - state.asked_at).total_seconds() + waited
        if age > LONGEST_MAKING.total_seconds():
            break
        # A young report is asked for often, an old one seldom: a quarter of its age, within bounds.
        seconds = min(max(age / 4, _SHORTEST_POLL), _LONGEST_POLL)
        waited += seconds
        yield Wait(seconds, f"Amazon is making report {state.id}")
    yield Page(cursor=_dropped(checkpoint, state), note=f"report {state.id} was given up")
    raise ReportStuck(f"report {state.id} is not ready after {LONGEST_MAKING}")


def _reason(context: StreamContext, state: ReportState, document: str) -> Steps[str]:
    """Return why a report failed, from the document Amazon may give with a FATAL report."""
    if not document:
        return "Amazon gives no reason"
    failed = yield from download(context, replace(state, document=document))
    if failed is None:
        return "Amazon gives no reason"
    return failed.text(context.store.market).strip()[:_LONGEST_REASON] or "Amazon gives no reason"


def download(context: StreamContext, state: ReportState) -> Steps[ReportDocument | None]:
    """Fetch a report's document; None when Amazon does not keep it any more."""
    where = yield from try_ask(call("getReportDocument", path={"reportDocumentId": state.document}))
    if where is None or refused(where):
        return None
    answer = read_object(where.body)
    url = str(answer.get("url") or "")
    if not url:
        raise AnswerUnreadable("getReportDocument answered without an address")
    # The address is presigned: Amazon's storage rejects it when SP-API headers come along.
    response = yield from ask(Request(operation=DOCUMENT.key, url=url))
    body = response.body
    return ReportDocument(state, inflate(body), response.headers)


def _dropped(checkpoint: Checkpoint, state: ReportState) -> dict[str, Any]:
    return {**checkpoint(None), "dropped": state.id}
