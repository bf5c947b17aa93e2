"""Trust in a number: which days are known, whether it is final, and why it may not be judged."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.types import FreshnessState, StoreRef, StreamFreshness
from kpis.catalog import CATALOG
from kpis.engine.coverage import Evidence, Freshness, Span, Trust, final_on
from kpis.types import Reason

WEEK = Span(date(2026, 8, 3), date(2026, 8, 9))
TOKYO = StoreRef(1, 1, "amazon_sp", "JP", "A1", "Tokyo", "JPY", "Asia/Tokyo")
MUCH_LATER = datetime(2026, 10, 1, tzinfo=UTC)
ACOS = CATALOG["acos"]


def fresh(
    stream: str,
    through: date | None = date(2026, 9, 20),
    *,
    since: date | None = date(2026, 1, 1),
    state: FreshnessState = FreshnessState.FRESH,
    as_of: datetime | None = None,
) -> Freshness:
    """The state of one stream of the store."""
    instant = as_of or (
        datetime(through.year, through.month, through.day, 12, tzinfo=UTC) if through else None
    )
    return {(1, stream): StreamFreshness(1, stream, state, instant, since, through, instant, "")}


def ads(**changes: object) -> Trust:
    """Trust in last week's ACoS, read much later."""
    return Evidence([TOKYO], WEEK, fresh("sp_advertised_product", **changes), MUCH_LATER).trust(ACOS)  # type: ignore[arg-type]


def test_complete_and_settled_is_final() -> None:
    """All days known and read again two weeks after: final, nothing to say against a verdict."""
    found = ads()
    assert (found.coverage, found.is_final, found.reason, found.sources) == (
        Decimal(1),
        True,
        None,
        ("sp_advertised_product",),
    )


@pytest.mark.parametrize(
    ("changes", "reason", "coverage"),
    [
        ({"through": date(2026, 8, 10)}, Reason.NOT_FINAL, "1"),
        ({"through": date(2026, 8, 7)}, Reason.COVERAGE_INCOMPLETE, "0.7142"),
        ({"through": date(2026, 8, 7), "state": FreshnessState.STALE}, Reason.STALE, "0.7142"),
        ({"through": date(2026, 8, 10), "state": FreshnessState.STALE}, Reason.STALE, "1"),
        ({"state": FreshnessState.SUSPECT_EMPTY}, Reason.SUSPECT_EMPTY, "1"),
        ({"through": None, "since": None, "state": FreshnessState.NEVER}, Reason.NEVER_SYNCED, "0"),
    ],
)
def test_why_a_number_is_not_judged(changes: dict[str, object], reason: Reason, coverage: str) -> None:
    """Incomplete, stale, not final, suspiciously empty and never synced each say so."""
    found = ads(**changes)
    assert (found.reason, found.coverage, found.is_final) == (reason, Decimal(coverage), False)


def test_old_data_of_a_settled_week_stays_final() -> None:
    """A stream that stalls later takes nothing from a week that is complete and settled."""
    assert ads(state=FreshnessState.STALE).reason is None


def test_a_period_that_runs_is_incomplete_in_the_shops_time_zone() -> None:
    """Sunday 23:30 in Tokyo the week still runs, half an hour later it is over."""
    data = fresh("sp_advertised_product", date(2026, 8, 9))
    before = datetime(2026, 8, 9, 14, 30, tzinfo=UTC)
    assert Evidence([TOKYO], WEEK, data, before).trust(ACOS).reason is Reason.PERIOD_INCOMPLETE
    assert Evidence([TOKYO], WEEK, data, before + timedelta(hours=1)).trust(ACOS).reason is Reason.NOT_FINAL


def test_alternatives_stand_in_for_each_other() -> None:
    """A report that backfilled the past and a stream that follows the present cover the week together."""
    data = {
        **fresh("orders_report", date(2026, 8, 5), state=FreshnessState.STALE),
        **fresh("orders", since=date(2026, 8, 6)),
    }
    found = Evidence([TOKYO], WEEK, data, MUCH_LATER).trust(CATALOG["orders"])
    assert (found.coverage, found.reason, set(found.sources)) == (
        Decimal(1),
        None,
        {"orders", "orders_report"},
    )


def test_one_store_without_the_stream_lowers_the_whole() -> None:
    """Two stores, one of which never delivered: half is known, and nothing is judged."""
    other = StoreRef(2, 1, "amazon_sp", "US", "A2", "Reno", "USD", "America/Los_Angeles")
    found = Evidence([TOKYO, other], WEEK, fresh("sp_advertised_product"), MUCH_LATER).trust(ACOS)
    assert (found.coverage, found.reason, found.data_as_of) == (Decimal("0.5"), Reason.NEVER_SYNCED, None)
    assert found.has_data


def test_final_on_is_the_day_after_at_the_earliest() -> None:
    """ACoS settles in 14 days; nothing is final on the period's own last day."""
    assert final_on(ACOS, WEEK) == date(2026, 8, 23)
    assert final_on(CATALOG["stockout_rate"], WEEK) == date(2026, 8, 10)
