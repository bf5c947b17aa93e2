"""Visits, conversions and the Buy Box share, by shop day; Amazon serves them about three days late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.engine.protocol import StreamContext
from connectors.platforms.amazon_sp.mapping import traffic
from connectors.platforms.amazon_sp.streams.reports import ReportDocument
from connectors.platforms.amazon_sp.streams.windowed import Chunk, WindowedReportStream
from connectors.platforms.common.steps import read_object
from connectors.types import Family, RejectedRow, TrafficDayRecord


def read_traffic(
    context: StreamContext, document: ReportDocument, spoken_at: datetime, start: int
) -> Iterator[Chunk]:
    """Yield the days of the report in one chunk.

    The figures by product are sums over the report's whole period, not by day, and are therefore not read.
    """
    days = read_object(document.data).get("salesAndTrafficByDate") or []
    if not days or start:
        return
    records: list[TrafficDayRecord] = []
    rejected: list[RejectedRow] = []
    for number, day in enumerate(days):
        try:
            records.append(traffic.traffic_day(day, context, spoken_at))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else str(error)
            raw = day if isinstance(day, dict) else {}
            rejected.append(RejectedRow(f"/salesAndTrafficByDate/{number}", reason, raw))
    newest = max((record.business_on for record in records), default=None)
    yield Chunk(
        len(days),
        tuple(records),
        tuple(rejected),
        raw=document.data,
        raw_type="application/json",
        newest_day=newest,
    )


TRAFFIC = WindowedReportStream(
    key="traffic",
    family=Family.TRAFFIC,
    cadence=timedelta(days=1),
    stale_after=timedelta(days=5),
    report_type=traffic.REPORT,
    options={"dateGranularity": "DAY", "asinGranularity": "SKU"},
    trailing_days=4,
    includes_today=False,
    whole_days_text=True,
    read=read_traffic,
)
