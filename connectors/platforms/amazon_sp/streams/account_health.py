"""How Amazon judges the account: defect, lateness, cancellation and tracking rates, policy counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.engine.protocol import StreamContext
from connectors.platforms.amazon_sp.mapping import account_health
from connectors.platforms.amazon_sp.streams.reports import ReportDocument
from connectors.platforms.amazon_sp.streams.windowed import Chunk, ReportStream
from connectors.platforms.common.moments import ShopClock
from connectors.platforms.common.steps import read_object
from connectors.types import Family, PerformanceRecord, RejectedRow


def read_account_health(
    context: StreamContext, document: ReportDocument, spoken_at: datetime, start: int
) -> Iterator[Chunk]:
    """Yield the report's figures in one chunk."""
    report = read_object(document.data)
    reported_on = ShopClock(context.store.time_zone).day(spoken_at)
    records: list[PerformanceRecord] = []
    rejected: list[RejectedRow] = []
    for found in account_health.metrics_of(report, context, reported_on, spoken_at):
        if isinstance(found, PerformanceRecord):
            records.append(found)
        else:
            rejected.append(RejectedRow(*found))
    total = len(records) + len(rejected)
    if total > start:
        raw = document.data
        yield Chunk(total, tuple(records), tuple(rejected), raw=raw, raw_type="application/json")


ACCOUNT_HEALTH = ReportStream(
    key="account_health",
    family=Family.SERVICE,
    cadence=timedelta(days=1),
    stale_after=timedelta(days=3),
    report_type=account_health.REPORT,
    read=read_account_health,
)
