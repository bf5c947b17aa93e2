"""What the product notes of its own every day: how young the data is, and how far targets are met.

The figures go the way of every other fact (`record_facts`), so they have days, histories and oracles like all
KPIs. A figure is noted for today on the store's clock; noting it twice replaces it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from config.lib import clock
from config.lib.calendars import Period, PeriodKind, business_day
from connectors.records import EvidenceRecord
from connectors.selectors.freshness import list_freshness
from connectors.selectors.stores import list_stores
from connectors.services.record_facts import record_facts
from connectors.types import Family, FreshnessState, StoreRef, StreamFreshness
from kpis.selectors.scorecards import get_scorecard
from tenants.context import require_client

SOURCE = "kpis.own_figures"
_RATER = "product"
# Checks that stand by their own expiry are no data sets that ought to arrive.
_CHECKS = "evidence."
_PLACES = Decimal("0.0001")
_HUNDRED = Decimal(100)


def record_own_figures() -> int:
    """Note today's figures of every active store of the current client; returns how many changed."""
    stores = list_stores()
    freshness = list_freshness([store.id for store in stores])
    now = clock.now()
    return sum(_record(store, [s for s in freshness if s.store_id == store.id], now) for store in stores)


def _record(store: StoreRef, streams: Sequence[StreamFreshness], now: datetime) -> int:
    today = business_day(now, store.time_zone)
    expected = [stream for stream in streams if not stream.stream.startswith(_CHECKS)]
    records = [*_ages(expected, today, now), *_arrivals(expected, today, now), *_attained(store, today, now)]
    if not records:
        return 0
    result = record_facts(
        store_id=store.id, records=records, dataset=Family.EVIDENCE, covered=None, source=SOURCE
    )
    return result.inserted + result.changed


def _ages(streams: Sequence[StreamFreshness], today: date, now: datetime) -> Iterator[EvidenceRecord]:
    """Hours since the instant each data set speaks for; one that never came has no age."""
    for stream in streams:
        as_of = stream.data_as_of or stream.last_success_at
        if as_of is not None:
            hours = Decimal((now - as_of) // timedelta(seconds=1)) / 3600
            yield _evidence("data_freshness_hours", stream.stream, today, now, hours, Decimal(1))


def _arrivals(streams: Sequence[StreamFreshness], today: date, now: datetime) -> Iterator[EvidenceRecord]:
    """Every data set is expected to be as young as agreed (`stale_after`); one that never came is missing."""
    for stream in streams:
        arrived = Decimal(stream.state is FreshnessState.FRESH)
        yield _evidence("data_completeness", stream.stream, today, now, arrived, Decimal(1))


def _attained(store: StoreRef, today: date, now: datetime) -> Iterator[EvidenceRecord]:
    """The score of the last complete week, 1 where every target is met, weighted by the share of the
    scorecard that has data. Figures that may still be restated count as they stand: final ones come late."""
    week = Period.containing(today, PeriodKind.WEEK, require_client().week_start).previous()
    card = get_scorecard(week, store_ids=[store.id])
    if card["provisional_score"] is None:
        return
    weight = _HUNDRED * Decimal(card["provisional_share_with_data"])
    score = Decimal(card["provisional_score"]) / _HUNDRED
    yield _evidence("kpi_attainment", "scorecard", today, now, weight * score, weight)


def _evidence(
    metric: str, subject: str, today: date, now: datetime, numerator: Decimal, denominator: Decimal
) -> EvidenceRecord:
    return EvidenceRecord(
        metric=metric,
        subject=subject,
        observed_on=today,
        numerator=numerator.quantize(_PLACES),
        denominator=denominator.quantize(_PLACES),
        rater=_RATER,
        attachment_sha256="",
        expires_on=today + timedelta(days=1),
        source_updated_at=now,
    )
