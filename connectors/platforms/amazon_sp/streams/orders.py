"""Orders: fresh ones by search, history by the flat-file report. Both write the same lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
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
from connectors.platforms.common.steps import TokenGuard, ask_object
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
        while True:
            answer = yield from ask_object(call("searchOrders", query=_query(context, window)))
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
    reading = _OrderReading(table, orders_report.order_reader(table, context))
    place = table.place("amazon-order-id")
    for number, row in table.rows():
        order = row[place] if len(row) > place else ""
        last = last_row.get(order, number)
        if last <= start:
            continue
        reading.take(order, number, row, is_last=number == last)
        if reading.size >= size and number == last:
            yield reading.chunk(number)
    if reading.size:
        yield reading.chunk(number)


class _OrderReading:
    """Collects rows of orders until a chunk is full."""

    def __init__(self, table: Table, mapper: Callable[[list[str]], OrderLineRecord]) -> None:
        self._table = table
        self._map = mapper
        self._note = note_of(table)
        self._open: defaultdict[str, list[OrderLineRecord]] = defaultdict(list)
        self._broken: set[str] = set()
        self._clear()

    def _clear(self) -> None:
        self._records: list[OrderLineRecord] = []
        self._rejected: list[RejectedRow] = []
        self._whole: list[str] = []
        self._rows: list[list[str]] = []

    @property
    def size(self) -> int:
        """How many rows the chunk holds by now."""
        return len(self._rows) + len(self._rejected)

    def take(self, order: str, number: int, row: list[str], *, is_last: bool) -> None:
        """Read a row; with its last row an order is complete."""
        if not self._table.fits(row):
            self._broken.add(order)
            self._rejected.append(self._table.ragged(number, row))
        else:
            self._rows.append(row)
            try:
                line = self._map(row)
            except ValueError as error:
                self._broken.add(order)
                self._rejected.append(self._table.rejected(number, row, error))
            else:
                if is_last and order not in self._open and order not in self._broken:
                    # Most orders have one line; they need no gathering.
                    self._records.append(line)
                    self._whole.append(order)
                    return
                self._open[order].append(line)
        if not is_last:
            return
        lines = self._open.pop(order, [])
        self._records.extend(numbered(lines))
        # Lines of an order with an unreadable row are stored but do not stand for the whole order.
        if order not in self._broken and lines:
            self._whole.append(order)

    def chunk(self, number: int) -> Chunk:
        """Return what was read since the last chunk."""
        chunk = Chunk(
            number,
            tuple(self._records),
            tuple(self._rejected),
            tuple(self._whole),
            raw=self._table.raw(self._rows),
            note=self._note,
        )
        self._clear()
        return chunk


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
