"""Stock: now (summaries), on past days (ledger) and by age (planning report)."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from connectors.engine.protocol import Page, Request, Response, StreamContext, Wait
from connectors.platforms.amazon_sp.mapping import inventory
from connectors.platforms.amazon_sp.streams.base import SpStream, call
from connectors.platforms.amazon_sp.streams.chunks import note_of, row_chunks
from connectors.platforms.amazon_sp.streams.reports import ReportDocument
from connectors.platforms.amazon_sp.streams.windowed import Chunk, ReportStream, WindowedReportStream
from connectors.platforms.common.steps import TokenGuard, ask_object
from connectors.platforms.common.tables import Table
from connectors.types import Family, InventoryDayRecord, RejectedRow


@dataclass(slots=True, eq=False)
class InventoryStream(SpStream):
    """Units by SKU at this moment (getInventorySummaries).

    Amazon's page token lives thirty seconds, so it is not worth keeping: a restart begins with the first
    page. The cursor only counts pages.
    """

    def run(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Generator[Request | Wait | Page, Response | None, None]:
        """Yield a page per answered page; today's snapshot is covered with the last one."""
        place = context.store.marketplace_id
        guard, token, number = TokenGuard("getInventorySummaries"), "", 0
        while True:
            query = {
                "details": "true",
                "granularityType": "Marketplace",
                "granularityId": place,
                "marketplaceIds": place,
            }
            if token:
                query["nextToken"] = token
            answer = yield from ask_object(call("getInventorySummaries", query=query))
            summaries = (answer.get("payload") or {}).get("inventorySummaries") or []
            token = guard.next((answer.get("pagination") or {}).get("nextToken"), answer)
            number += 1
            day = None if token else context.today
            yield Page(
                cursor={"page": number} if token else {"read_at": context.now.isoformat()},
                covered_from=day,
                covered_through=day,
                data_as_of=context.now,
                raw=msgspec.json.encode(summaries),
                raw_type="application/json",
                empty=not summaries and number == 1 and not token,
                **read_summaries(summaries, context),
            )
            if not token:
                return


def read_summaries(summaries: list[Any], context: StreamContext) -> dict[str, Any]:
    """Return the records and rejections of a list of summaries; an SKU in two conditions is added up."""
    found: dict[str, InventoryDayRecord] = {}
    rejected: list[RejectedRow] = []
    for number, summary in enumerate(summaries):
        try:
            record = inventory.inventory_day(summary, context)
        except (ValueError, AttributeError) as error:
            raw = summary if isinstance(summary, dict) else {}
            rejected.append(RejectedRow(f"/inventorySummaries/{number}", str(error), raw))
            continue
        known = found.get(record.sku)
        found[record.sku] = _sum(known, record) if known else record
    return {"records": tuple(found.values()), "rejected": tuple(rejected)}


def _sum(one: InventoryDayRecord, other: InventoryDayRecord) -> InventoryDayRecord:
    return InventoryDayRecord(
        one.sku,
        one.product_id,
        one.snapshot_on,
        one.fulfillable + other.fulfillable,
        one.inbound + other.inbound,
        one.reserved + other.reserved,
        one.unfulfillable + other.unfulfillable,
        one.source_updated_at,
    )


def read_ledger(
    context: StreamContext, document: ReportDocument, spoken_at: datetime, start: int
) -> Iterator[Chunk]:
    """Yield the ledger's balances in one chunk: a SKU's dispositions may stand anywhere in the file."""
    table = Table(
        inventory.LEDGER_REPORT,
        document.text(context.store.market),
        required=inventory.LEDGER_REQUIRED,
        optional=inventory.LEDGER_OPTIONAL,
        keeps_unknown=True,
    )
    if table.is_blank or start:
        return
    book = inventory.LedgerBook(context.store.market)
    enter = book.reader(table)
    rejected: list[RejectedRow] = []
    rows: list[list[str]] = []
    number = 0
    for number, row in table.rows():
        if not table.fits(row):
            rejected.append(table.ragged(number, row))
            continue
        rows.append(row)
        try:
            enter(row)
        except ValueError as error:
            rejected.append(table.rejected(number, row, error))
    if number:
        records = book.records(spoken_at)
        note = f"{book.elsewhere} rows of other countries left out" if book.elsewhere else note_of(table)
        newest = max((record.snapshot_on for record in records), default=None)
        yield Chunk(number, records, tuple(rejected), raw=table.raw(rows), note=note, newest_day=newest)


def read_planning(
    context: StreamContext, document: ReportDocument, spoken_at: datetime, start: int
) -> Iterator[Chunk]:
    """Yield the SKUs of the planning report with their units by age."""
    table = Table(
        inventory.PLANNING_REPORT,
        document.text(context.store.market),
        required=inventory.PLANNING_REQUIRED,
        optional=inventory.PLANNING_OPTIONAL,
        keeps_unknown=True,
    )
    if not table.is_blank:
        yield from row_chunks(table, inventory.age_reader(table, context, spoken_at), start)


INVENTORY = InventoryStream(
    key="inventory", family=Family.INVENTORY, cadence=timedelta(hours=1), stale_after=timedelta(hours=6)
)
INVENTORY_LEDGER = WindowedReportStream(
    key="inventory_ledger",
    family=Family.INVENTORY,
    cadence=timedelta(days=1),
    stale_after=timedelta(days=3),
    report_type=inventory.LEDGER_REPORT,
    options={"aggregateByLocation": "COUNTRY", "aggregatedByTimePeriod": "DAILY"},
    trailing_days=3,
    longest_backfill_days=540,
    includes_today=False,
    whole_days_text=True,
    read=read_ledger,
)
INVENTORY_PLANNING = ReportStream(
    key="inventory_planning",
    family=Family.INVENTORY,
    cadence=timedelta(days=1),
    stale_after=timedelta(days=3),
    report_type=inventory.PLANNING_REPORT,
    read=read_planning,
)
