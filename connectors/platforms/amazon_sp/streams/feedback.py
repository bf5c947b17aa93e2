"""Buyers' ratings of the seller, by the day they were given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.engine.protocol import StreamContext
from connectors.platforms.amazon_sp.mapping import feedback
from connectors.platforms.amazon_sp.streams.chunks import row_chunks
from connectors.platforms.amazon_sp.streams.reports import ReportDocument
from connectors.platforms.amazon_sp.streams.windowed import Chunk, WindowedReportStream
from connectors.platforms.common.tables import Table
from connectors.types import Family


def read_feedback(
    context: StreamContext, document: ReportDocument, spoken_at: datetime, start: int
) -> Iterator[Chunk]:
    """Yield the rows of the feedback report; rows before `start` are numbered along."""
    table = Table(
        feedback.REPORT,
        document.text(context.store.market),
        required=feedback.REQUIRED,
        personal=feedback.PERSONAL,
    )
    if table.is_blank:
        return
    for chunk in row_chunks(table, feedback.feedback_reader(table, context, spoken_at), 0):
        if chunk.rows > start:
            yield chunk


SELLER_FEEDBACK = WindowedReportStream(
    key="seller_feedback",
    family=Family.SERVICE,
    cadence=timedelta(days=1),
    stale_after=timedelta(days=3),
    report_type=feedback.REPORT,
    # Buyers may change or withdraw a rating for some weeks.
    trailing_days=30,
    read=read_feedback,
)
