"""Are coverage, freshness and a page's two doubts judged as documented? Pure tables and properties."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.engine.coverage import latest, merge
from connectors.engine.freshness import verdict
from connectors.engine.thresholds import expects_rows, rejects_too_many
from connectors.types import FreshnessState
from tests.connectors.fakes import DAY, at

NOW = at(DAY)
HOUR = timedelta(hours=1)

DAYS = st.integers(0, 40).map(lambda n: DAY + timedelta(days=n))
INTERVALS = st.tuples(DAYS, st.integers(0, 6)).map(lambda pair: (pair[0], pair[0] + timedelta(days=pair[1])))


def days_of(intervals: tuple[tuple[date, date], ...]) -> set[date]:
    """Every day in the intervals."""
    return {first + timedelta(days=n) for first, last in intervals for n in range((last - first).days + 1)}


@given(st.lists(INTERVALS, max_size=12), st.randoms())
def test_coverage_is_the_union_whatever_the_order(intervals: list[tuple[date, date]], rng: object) -> None:
    """No day is invented, none is lost, and the order of arrival does not matter."""
    shuffled = list(intervals)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    known: tuple[tuple[date, date], ...] = ()
    for interval in shuffled:
        known = merge(known, interval)
    assert days_of(known) == days_of(tuple(intervals))
    assert known == merge(intervals)
    gaps = pairwise(known)
    assert all(later[0] - earlier[1] > timedelta(days=1) for earlier, later in gaps)


def test_an_interval_that_ends_before_it_starts_is_refused() -> None:
    """It would cover nothing and look like something."""
    with pytest.raises(ValueError, match="before it starts"):
        merge([(DAY, DAY - timedelta(days=1))])


def test_the_latest_interval_is_the_one_that_reaches_furthest() -> None:
    """Not the longest, nor the one added last."""
    assert latest([]) is None
    assert latest([(DAY, DAY), (DAY + timedelta(days=5), DAY + timedelta(days=6))]) == (
        DAY + timedelta(days=5),
        DAY + timedelta(days=6),
    )


@pytest.mark.parametrize(
    ("as_of", "success", "suspect", "expected"),
    [
        (None, None, None, FreshnessState.NEVER),
        (NOW - 3 * HOUR, NOW, None, FreshnessState.FRESH),
        (NOW - 3 * HOUR - timedelta(seconds=1), NOW, None, FreshnessState.STALE),
        (None, NOW - HOUR, None, FreshnessState.FRESH),
        (None, NOW - 4 * HOUR, None, FreshnessState.STALE),
        (NOW, NOW, NOW, FreshnessState.SUSPECT_EMPTY),
        (NOW, None, None, FreshnessState.FRESH),
    ],
)
def test_freshness(
    as_of: datetime | None, success: datetime | None, suspect: datetime | None, expected: FreshnessState
) -> None:
    """What the platform speaks for decides; a run that only went through does not make old data young."""
    assert (
        verdict(
            now=NOW,
            stale_after=3 * HOUR,
            data_as_of=as_of,
            last_success_at=success,
            suspect_empty_since=suspect,
        )
        is expected
    )


@pytest.mark.parametrize(
    ("read", "rejected", "expected"),
    [(4, 4, False), (5, 5, True), (249, 5, True), (250, 5, False), (1000, 20, False), (1000, 21, True)],
)
def test_rejected_share(read: int, rejected: int, expected: bool) -> None:
    """More than two of a hundred, and at least five."""
    assert rejects_too_many(rows_read=read, rows_rejected=rejected) is expected


@pytest.mark.parametrize(
    ("here", "pages", "former", "expected"),
    [
        (0, 0, [], False),
        (10, 2, [], True),
        (9, 2, [], False),
        (0, 1, [0, 0, 100], False),
        (0, 1, [0, 10], True),
        (0, 1, [10, 10, 10], True),
        (0, 1, [1, 2, 1], False),
    ],
)
def test_rows_are_expected(here: int, pages: int, former: list[int], expected: bool) -> None:
    """Where five or more came on average; a sparse stream may well have none."""
    assert (
        expects_rows(rows_in_this_run=here, pages_in_this_run=pages, rows_of_former_runs=former) is expected
    )
