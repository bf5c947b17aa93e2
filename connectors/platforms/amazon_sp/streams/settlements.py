"""Settlement reports: Amazon makes them every fortnight, they are found by listing and then downloaded."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.engine.protocol import Page, Request, Response, StreamContext, Wait
from connectors.platforms.amazon_sp.mapping import settlements
from connectors.platforms.amazon_sp.streams.base import SpStream, call
from connectors.platforms.amazon_sp.streams.chunks import CHUNK_ROWS, note_of
from connectors.platforms.amazon_sp.streams.reports import RETENTION, ReportDocument, ReportState, download
from connectors.platforms.amazon_sp.streams.windowed import Chunk
from connectors.platforms.common.moments import instant_text
from connectors.platforms.common.numbers import ZERO
from connectors.platforms.common.problems import AnswerRepeated, DocumentDamaged
from connectors.platforms.common.steps import Steps, TokenGuard, ask_object
from connectors.platforms.common.tables import Table
from connectors.types import Family, RejectedRow, SettlementLineRecord

_OVERLAP = timedelta(days=30)


@dataclass(slots=True, eq=False)
class SettlementsStream(SpStream):
    """Settlement reports not read yet, oldest first.

    They cannot be requested. The cursor keeps the ids of those already read as long as Amazon keeps the
    reports, and the row up to which the report under way was stored.
    """

    def run(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Generator[Request | Wait | Page, Response | None, None]:
        """Yield the pages of every settlement report that was not read before."""
        read: dict[str, str] = dict(cursor.get("read") or {})
        under_way: dict[str, int] = dict(cursor.get("under_way") or {})
        listed, doubt = yield from self._list(context, cursor)
        for report_id, (created_at, document_id) in sorted(listed.items(), key=lambda item: item[1]):
            if report_id in read:
                continue
            state = ReportState(report_id, context.now, document_id, under_way.get(report_id, 0))
            document = yield from download(context, state)
            read[report_id] = created_at
            final = {"read": dict(read)}
            if cursor.get("listed_at"):
                final["listed_at"] = cursor["listed_at"]
            if document is None:
                yield Page(cursor=final, note=f"Amazon does not keep settlement report {report_id} any more")
                continue
            before = {key: value for key, value in read.items() if key != report_id}
            yield from _pages(read_settlement(context, document), state, before, final)
        horizon = instant_text(context.now - RETENTION)
        kept = {report_id: created for report_id, created in read.items() if created >= horizon}
        if doubt:
            yield Page(cursor={**cursor, "read": kept}, doubt=doubt)
            return
        yield Page(
            cursor={"read": kept, "listed_at": context.now.isoformat()},
            data_as_of=context.now,
            note="" if listed else "Amazon lists no settlement reports",
        )

    def _list(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Steps[tuple[dict[str, tuple[str, str]], str]]:
        """Return id → (creation time, document id) of the finished reports in reach; why some may lack."""
        since = context.now - min(timedelta(days=context.backfill_days), RETENTION)
        if cursor.get("listed_at"):
            since = max(since, datetime.fromisoformat(cursor["listed_at"]) - _OVERLAP)
        query = {
            "reportTypes": settlements.REPORT,
            "processingStatuses": "DONE",
            "marketplaceIds": context.store.marketplace_id,
            "pageSize": "100",
            "createdSince": instant_text(since),
        }
        found: dict[str, tuple[str, str]] = {}
        guard = TokenGuard("getReports")
        while True:
            answer = yield from ask_object(call("getReports", query=query))
            for report in answer.get("reports") or []:
                if report.get("reportType") == settlements.REPORT and report.get("reportDocumentId"):
                    created = str(report.get("createdTime") or "")
                    found[str(report["reportId"])] = (created, str(report["reportDocumentId"]))
            try:
                token = guard.next(answer.get("nextToken"), answer)
            except AnswerRepeated as repeated:
                if not found:
                    raise
                return found, repeated.detail
            if not token:
                return found, ""
            # Amazon takes the token as the only parameter.
            query = {"nextToken": token}


def _pages(
    chunks: Iterator[Chunk], state: ReportState, read: Mapping[str, str], final: Mapping[str, Any]
) -> Generator[Page, Response | None, None]:
    held: Chunk | None = None
    for chunk in chunks:
        if held is not None:
            yield _page(held, {**final, "read": dict(read), "under_way": {state.id: held.rows}})
        held = chunk
    yield Page(cursor=final, note="a settlement report without lines") if held is None else _page(held, final)


def _page(chunk: Chunk, cursor: Mapping[str, Any]) -> Page:
    return Page(
        cursor=cursor,
        records=chunk.records,
        rejected=chunk.rejected,
        replaces=chunk.replaces,
        raw=chunk.raw,
        raw_type=chunk.raw_type,
        note=chunk.note,
    )


def read_settlement(
    context: StreamContext, document: ReportDocument, *, size: int = CHUNK_ROWS
) -> Iterator[Chunk]:
    """Yield the lines of a settlement report; all of it is added up, whatever was stored before a restart.

    Raises `DocumentDamaged` when it breaks off: a settlement taken for read is never asked for again.
    """
    table = Table(
        settlements.REPORT,
        document.text(context.store.market),
        required=settlements.REQUIRED,
        optional=settlements.OPTIONAL,
        keeps_unknown=True,
    )
    rows = table.rows()
    first = next(rows, None)
    if table.is_blank or first is None:
        return
    reader = settlements.SettlementReader(table, context)
    about = reader.summary(table.padded(first[1]))
    spoken_at, start = about.end_at, document.state.rows
    records: list[SettlementLineRecord] = []
    rejected: list[RejectedRow] = []
    kept: list[list[str]] = [first[1]]
    added, number, row, note = ZERO, *first, note_of(table)
    for number, row in rows:
        if len(row) > table.width and not table.fits(row):
            failed: RejectedRow | None = table.ragged(number, row)
        else:
            failed = None
            try:
                line = reader.line(number - 1, table.padded(row), about, spoken_at)
                added += line.amount
            except ValueError as error:
                failed = table.rejected(number, row, error)
        if number <= start:
            continue
        kept.append(row)
        if failed is not None:
            rejected.append(failed)
        else:
            records.append(line)
        if len(kept) >= size:
            yield Chunk(number, tuple(records), tuple(rejected), raw=table.raw(kept), note=note)
            records, rejected, kept = [], [], []
    if table.is_unended and (added != about.total or len(row) < table.width):
        raise DocumentDamaged(f"{settlements.REPORT} breaks off in row {number}")
    rejected.extend(reader.check(about, added))
    yield Chunk(number, tuple(records), tuple(rejected), raw=table.raw(kept), note=note)


SETTLEMENTS = SettlementsStream(
    key="settlements", family=Family.SETTLEMENTS, cadence=timedelta(days=1), stale_after=timedelta(days=17)
)
