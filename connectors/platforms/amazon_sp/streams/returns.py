"""Units that buyers sent back to Amazon's warehouses, by the day they arrived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.engine.protocol import StreamContext
from connectors.platforms.amazon_sp.mapping import returns
from connectors.platforms.amazon_sp.streams.chunks import row_chunks
from connectors.platforms.amazon_sp.streams.reports import ReportDocument
from connectors.platforms.amazon_sp.streams.windowed import Chunk, WindowedReportStream
from connectors.platforms.common.moments import ShopClock
from connectors.platforms.common.tables import Table
from connectors.types import Family


def read_returns(
    context: StreamContext, document: ReportDocument, spoken_at: datetime, start: int
) -> Iterator[Chunk]:
    """Yield the rows of the returns report.

    Rows before `start` are numbered along, because equal rows are told apart by their place among equals.
    """
    table = Table(
        returns.REPORT,
        document.text(context.store.market),
        required=returns.REQUIRED,
        optional=returns.OPTIONAL,
        personal=returns.PERSONAL,
    )
    if table.is_blank:
        return
    read = returns.return_reader(table, ShopClock(context.store.time_zone), spoken_at)
    for chunk in row_chunks(table, read, 0):
        if chunk.rows > start:
            yield chunk


RETURNS = WindowedReportStream(
    key="returns",
    family=Family.RETURNS,
    cadence=timedelta(days=1),
    stale_after=timedelta(days=3),
    report_type=returns.REPORT,
    trailing_days=7,
    read=read_returns,
)
