"""How a report stream walks its days: windows of a round, chunks of a document, coverage when earned."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from connectors.engine.protocol import Page, Request, Response, StreamContext, Wait
from connectors.platforms.amazon_sp.streams.base import SpStream
from connectors.platforms.amazon_sp.streams.reports import ReportDocument, ReportRequest, ReportState, obtain
from connectors.platforms.common.moments import ShopClock
from connectors.platforms.common.windows import Round, due_round
from connectors.types import Record, RejectedRow

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a document, read: `rows` counts the source rows up to and including this chunk."""

    rows: int
    records: tuple[Record, ...]
    rejected: tuple[RejectedRow, ...] = ()
    replaces: tuple[str, ...] = ()
    raw: bytes = b""
    raw_type: str = "text/tab-separated-values"
    note: str = ""
    newest_day: date | None = None


# Reads a document from a row on; `spoken_at` is the instant the document speaks for.
Reader = Callable[[StreamContext, ReportDocument, datetime, int], Iterator[Chunk]]


@dataclass(slots=True, eq=False)
class ReportStream(SpStream):
    """A stream fed by a report without a period: one report per run, which speaks for the present."""

    report_type: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    read: Reader = field(kw_only=True)

    def run(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Generator[Request | Wait | Page, Response | None, None]:
        """Yield the report's pages; today is covered when all of it is stored."""

        def checkpoint(report: Mapping[str, Any] | None) -> dict[str, Any]:
            return {"report": dict(report)} if report else {}

        request = ReportRequest(self.report_type, options=self.options)
        outcome = yield from obtain(context, request, cursor.get("report"), checkpoint)
        state = outcome.state if isinstance(outcome, ReportDocument) else outcome
        done: dict[str, Any] = {"read_at": state.asked_at.isoformat()}
        day = ShopClock(context.store.time_zone).day(state.asked_at)
        final = Page(cursor=done, covered_from=day, covered_through=day, data_as_of=state.asked_at)
        if isinstance(outcome, ReportState):
            yield replace(final, empty=True, note="Amazon has no data for this report")
            return
        yield from _pages(self.read(context, outcome, state.asked_at, state.rows), state, checkpoint, final)


@dataclass(slots=True, eq=False)
class WindowedReportStream(SpStream):
    """A stream fed by reports over periods, at most `window_days` long.

    `trailing_days` before the last known day are read again each time. `includes_today` asks up to now, else
    up to yesterday. `whole_days_text` sends the days as such (00:00Z … 23:59:59Z) where Amazon ignores the
    time of day; else the instants at which shop days begin. With `covers_at_end` no day is claimed before the
    whole round is read: a report by *update* time may hold news of any earlier day in its last window.
    """

    report_type: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    window_days: int = 30
    trailing_days: int = 3
    longest_backfill_days: int = 730
    includes_today: bool = True
    whole_days_text: bool = False
    covers_at_end: bool = False
    read: Reader = field(kw_only=True)

    def run(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Generator[Request | Wait | Page, Response | None, None]:
        """Yield the pages of every window of the round that is due."""
        last = context.today if self.includes_today else context.today - _DAY
        due = due_round(
            cursor,
            today=context.today,
            last=last,
            backfill_days=min(context.backfill_days, self.longest_backfill_days),
            trailing_days=self.trailing_days,
        )
        kept, through = cursor.get("report"), cursor.get("through")
        while not due.is_done:
            due = yield from self._window(context, due, kept, through)
            kept = None

    def _window(
        self, context: StreamContext, due: Round, kept: Mapping[str, Any] | None, through: str | None
    ) -> Generator[Request | Wait | Page, Response | None, Round]:
        first, last = due.window(self.window_days)

        def checkpoint(report: Mapping[str, Any] | None) -> dict[str, Any]:
            cursor: dict[str, Any] = {"round": due.write()}
            if through:
                cursor["through"] = through
            if report:
                cursor["report"] = dict(report)
            return cursor

        outcome = yield from obtain(context, self._request(context, first, last), kept, checkpoint)
        state = outcome.state if isinstance(outcome, ReportDocument) else outcome
        after = due.after(last)
        spoken_at = min(state.asked_at, ShopClock(context.store.time_zone).end_of(last))
        final = self._covered(
            Page(cursor=_done(after, through), data_as_of=spoken_at), due, after, first, last
        )
        if isinstance(outcome, ReportState):
            yield replace(final, empty=True, note=f"Amazon has no data from {first} to {last}")
            return after
        chunks = self.read(context, outcome, state.asked_at, state.rows)
        yield from _pages(chunks, state, checkpoint, final)
        return after

    def _request(self, context: StreamContext, first: date, last: date) -> ReportRequest:
        if self.whole_days_text:
            utc = ShopClock("UTC")
            since, until = utc.start_of(first), utc.end_of(last) - timedelta(seconds=1)
        else:
            clock = ShopClock(context.store.time_zone)
            since, until = clock.start_of(first), min(clock.end_of(last), context.now)
        return ReportRequest(self.report_type, since, until, self.options)

    def _covered(self, page: Page, due: Round, after: Round, first: date, last: date) -> Page:
        """Add the days that are known completely once the window is stored; today never is."""
        if self.covers_at_end and not after.is_done:
            return page
        start = due.first if self.covers_at_end else first
        end = last - _DAY if self.includes_today and after.is_done else last
        return replace(page, covered_from=start, covered_through=end) if start <= end else page


def _done(after: Round, through: str | None) -> dict[str, Any]:
    if after.is_done:
        return {"through": str(after.last)}
    return {"round": after.write(), **({"through": through} if through else {})}


def _pages(
    chunks: Iterator[Chunk],
    state: ReportState,
    checkpoint: Callable[[Mapping[str, Any] | None], dict[str, Any]],
    final: Page,
) -> Generator[Page, Response | None, None]:
    """Yield a page per chunk; the last one carries the final cursor and coverage.

    A day claimed as covered is taken back to the newest day a chunk says was delivered, where it says so.
    """
    held: Chunk | None = None
    for chunk in chunks:
        if held is not None:
            yield _page(held, Page(cursor=checkpoint(replace(state, rows=held.rows).write())))
        held = chunk
    if held is None:
        # Everything was stored before a restart, or the document has a header and nothing else.
        yield replace(final, empty=state.rows == 0, note="" if state.rows else "the report has no rows")
        return
    yield _page(held, _within(final, held.newest_day))


def _within(final: Page, newest: date | None) -> Page:
    if newest is None or final.covered_through is None or final.covered_from is None:
        return final
    if newest < final.covered_from:
        return replace(final, covered_from=None, covered_through=None)
    return replace(final, covered_through=min(final.covered_through, newest))


def _page(chunk: Chunk, page: Page) -> Page:
    return replace(
        page,
        records=chunk.records,
        rejected=chunk.rejected,
        replaces=chunk.replaces,
        raw=chunk.raw,
        raw_type=chunk.raw_type,
        note=chunk.note or page.note,
        data_as_of=page.data_as_of or None,
        empty=page.empty or (chunk.rows == 0 and not chunk.records and not chunk.rejected),
    )
