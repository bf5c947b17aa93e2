"""Orders: fresh ones by search, history by the flat-file report. Both write the same lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from connectors.engine.protocol import Page, Request, Response, StreamContext, Wait
from connectors.platforms.amazon_sp.mapping import orders_api, orders_report
from connectors.platforms.amazon_sp.mapping.order_lines import numbered
from connectors.platforms.amazon_sp.streams.base import SpStream, call
from connectors.platforms.amazon_sp.streams.chunks import CHUNK_ROWS, note_of
from connectors.platforms.amazon_sp.streams.reports import ReportDocument
from connectors.platforms.amazon_sp.streams.windowed import Chunk, WindowedReportStream
from connectors.platforms.common.moments import ShopClock, first_full_day, instant_text
from connectors.platforms.common.privacy import keep
from connectors.platforms.common.steps import TokenGuard, ask_resumed
from connectors.platforms.common.tables import Table
from connectors.types import Family, OrderLineRecord, RejectedRow

FIRST_REACH_DAYS = 3
OVERLAP = timedelta(days=1)
_DAY = timedelta(days=1)
# Amazon wants the end two minutes in the past; the third allows for clocks that differ.
_SETTLING = timedelta(minutes=3)
_TOKEN_LIFE = timedelta(hours=23)
_INCLUDED = "PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT"


@dataclass(slots=True, eq=False)
class OrdersStream(SpStream):
    """Orders changed since the last look (searchOrders), with a day's overlap.

    One request in three minutes is allowed, so this stream keeps orders fresh; the first run reaches back
    three days only, and `orders_report` brings the history. The cursor keeps the window and the page token,
    and `since`, from which on no change was missed: every order placed after it is known.
    """

    def run(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Generator[Request | Wait | Page, Response | None, None]:
        """Yield a page per answered page, the last one with the covered days."""
        clock = ShopClock(context.store.time_zone)
        window = _window(context, cursor, clock)
        guard = TokenGuard("searchOrders", window["token"])
        # A token that an earlier run left behind may be dead; then the window is read again from its start.
        fresh = (
            call("searchOrders", query=_query(context, {**window, "token": ""})) if window["token"] else None
        )
        while True:
            asked = call("searchOrders", query=_query(context, window))
            answer, is_anew = yield from ask_resumed(asked, fresh)
            guard, fresh = TokenGuard("searchOrders") if is_anew else guard, None
            token = guard.next((answer.get("pagination") or {}).get("nextToken"), answer)
            page = read_page(answer, context, clock)
            before = datetime.fromisoformat(window["before"])
            if not token:
                covered_from = first_full_day(datetime.fromisoformat(window["since"]), clock)
                covered_through = clock.day(before) - _DAY
                is_known = covered_from <= covered_through
                yield Page(
                    cursor={"since": window["since"], "until": window["before"]},
                    covered_from=covered_from if is_known else None,
                    covered_through=covered_through if is_known else None,
                    data_as_of=before,
                    **page,
                )
                return
            window = {**window, "token": token}
            yield Page(cursor={"window": window}, data_as_of=None, **page)


def _window(context: StreamContext, cursor: Mapping[str, Any], clock: ShopClock) -> dict[str, str]:
    kept = cursor.get("window")
    if kept and context.now - datetime.fromisoformat(kept["asked_at"]) < _TOKEN_LIFE:
        return dict(kept)
    until = cursor.get("until")
    if kept:
        # The token died of age: the same window is read again from its first page.
        after, since = kept["after"], kept["since"]
    elif until:
        after, since = (datetime.fromisoformat(until) - OVERLAP).isoformat(), cursor["since"]
    else:
        reach = min(context.backfill_days, FIRST_REACH_DAYS)
        after = since = clock.start_of(context.today - timedelta(days=reach)).isoformat()
    return {
        "after": after,
        "before": (context.now - _SETTLING).isoformat(),
        "since": since,
        "token": "",
        "asked_at": context.now.isoformat(),
    }


def _query(context: StreamContext, window: Mapping[str, str]) -> dict[str, str]:
    query = {
        "marketplaceIds": context.store.marketplace_id,
        "lastUpdatedAfter": instant_text(datetime.fromisoformat(window["after"])),
        "lastUpdatedBefore": instant_text(datetime.fromisoformat(window["before"])),
        "maxResultsPerPage": "100",
        "includedData": _INCLUDED,
    }
    return {**query, "paginationToken": window["token"]} if window["token"] else query


def read_page(answer: Mapping[str, Any], context: StreamContext, clock: ShopClock) -> dict[str, Any]:
    """Return what a page of orders holds: records, rejected orders, whole orders, raw without buyers."""
    records: list[OrderLineRecord] = []
    rejected: list[RejectedRow] = []
    whole: list[str] = []
    orders = answer.get("orders") or []
    for number, order in enumerate(orders):
        try:
            lines = orders_api.order_lines(order, context, clock)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else str(error)
            rejected.append(RejectedRow(f"/orders/{number}", reason, keep(order, orders_api.KEPT) or {}))
            continue
        records.extend(lines)
        whole.append(str(order["orderId"]))
    return {
        "records": tuple(records),
        "rejected": tuple(rejected),
        "replaces": tuple(whole),
        "raw": msgspec.json.encode({"orders": keep(orders, orders_api.KEPT)}),
        "raw_type": "application/json",
    }


def read_orders_report(
    context: StreamContext,
    document: ReportDocument,
    spoken_at: datetime,
    start: int,
    *,
    size: int = CHUNK_ROWS,
) -> Iterator[Chunk]:
    """Yield the orders whose last row comes after row `start`, each with all its rows.

    An order belongs to the chunk of its last row, wherever its other rows stand, because its lines replace
    what is stored of it as a set; after a restart the orders that were already complete are passed over.
    """
    table = Table(
        orders_report.REPORT,
        document.text(context.store.market),
        required=orders_report.REQUIRED,
        optional=orders_report.OPTIONAL,
        personal=orders_report.PERSONAL,
    )
    if table.is_blank:
        return
    last_row = {order: number for number, order in table.column("amazon-order-id")}
    reading = _OrderReading(table, orders_report.order_reader(table, context), last_row)
    place = table.place("amazon-order-id")
    batch: list[tuple[int, list[str]]] = []
    for number, row in table.rows():
        last = last_row.get(row[place] if len(row) > place else "", number)
        if last <= start:
            continue
        batch.append((number, row))
        if len(batch) >= size and number == last:
            yield reading.chunk(batch)
            batch = []
    if batch:
        yield reading.chunk(batch)


class _OrderReading:
    """Reads a document's rows batch by batch, and keeps the lines of orders that are not complete yet."""

    def __init__(self, table: Table, mapper: orders_report.RowsReader, last_row: Mapping[str, int]) -> None:
        self._table = table
        self._map = mapper
        self._last_row = last_row
        self._note = note_of(table)
        self._place = table.place("amazon-order-id")
        self._open: defaultdict[str, list[OrderLineRecord]] = defaultdict(list)
        self._broken: set[str] = set()

    def chunk(self, batch: Sequence[tuple[int, list[str]]]) -> Chunk:
        """Return what a batch of rows says, and the orders that are complete with it."""
        rejected: list[RejectedRow] = []
        fitting = [(number, row) for number, row in batch if self._fits(number, row, rejected)]
        rows = [row for _, row in fitting]
        for line in self._read(fitting, rows, rejected):
            self._open[line.platform_order_id].append(line)
        until = batch[-1][0]
        whole = sorted(
            (order for order in self._open if self._last_row[order] <= until), key=self._last_row.__getitem__
        )
        records: list[OrderLineRecord] = []
        for order in whole:
            lines = self._open.pop(order)
            records.extend(lines if len(lines) == 1 else numbered(lines))
        return Chunk(
            until,
            tuple(records),
            tuple(rejected),
            # Lines of an order with an unreadable row are stored but do not stand for the whole order.
            tuple(whole)
            if self._broken.isdisjoint(whole)
            else tuple(o for o in whole if o not in self._broken),
            raw=self._table.raw(rows),
            note=self._note,
        )

    def _fits(self, number: int, row: list[str], rejected: list[RejectedRow]) -> bool:
        if self._table.fits(row):
            return True
        self._broken.add(row[self._place] if len(row) > self._place else "")
        rejected.append(self._table.ragged(number, row))
        return False

    def _read(
        self,
        numbered_rows: Sequence[tuple[int, list[str]]],
        rows: Sequence[list[str]],
        rejected: list[RejectedRow],
    ) -> list[OrderLineRecord]:
        """Map rows; where one of them cannot be read, halves of them, until it is alone."""
        if not rows:
            return []
        try:
            return self._map(rows)
        except ValueError as error:
            if len(rows) == 1:
                [(number, row)] = numbered_rows
                self._broken.add(row[self._place])
                rejected.append(self._table.rejected(number, row, error))
                return []
        half = len(rows) // 2
        return [
            *self._read(numbered_rows[:half], rows[:half], rejected),
            *self._read(numbered_rows[half:], rows[half:], rejected),
        ]


ORDERS = OrdersStream(
    key="orders", family=Family.ORDERS, cadence=timedelta(minutes=15), stale_after=timedelta(hours=3)
)
ORDERS_REPORT = WindowedReportStream(
    key="orders_report",
    family=Family.ORDERS,
    cadence=timedelta(days=1),
    stale_after=timedelta(days=2),
    report_type=orders_report.REPORT,
    trailing_days=3,
    covers_at_end=True,
    read=read_orders_report,
)
