"""Comparisons with other periods: only between complete ones, per day where lengths differ."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from kpis.engine.trend import Point, compare
from kpis.types import Reason


def point(value: str | None, days: int = 7, *, complete: bool = True) -> Point:
    """A number of a period."""
    return Point(None if value is None else D(value), days, complete)


def test_week_over_week() -> None:
    """12 after 10 is +2 and +20 %."""
    change = compare(point("12"), point("10"), is_flow=True)
    assert (change.absolute, change.relative, change.per_day) == (D(2), D("0.2"), False)


def test_months_of_unequal_length_compare_per_day() -> None:
    """The same daily sales in 31 and 28 days are no growth, though the sum grew."""
    change = compare(point("310", 31), point("280", 28), is_flow=True)
    assert (change.absolute, change.relative, change.per_day) == (D(30), D(0), True)
    ratio = compare(point("0.3", 31), point("0.2", 28), is_flow=False)
    assert (ratio.absolute, ratio.relative, ratio.per_day) == (D("0.1"), D("0.5"), False)


@pytest.mark.parametrize(
    ("now", "before", "reason"),
    [
        (point("1", complete=False), point("1"), Reason.PERIOD_INCOMPLETE),
        (point("1"), point("1", complete=False), Reason.NO_REFERENCE),
        (point("1"), point("0"), Reason.BASE_NOT_POSITIVE),
        (point("1"), point("-3"), Reason.BASE_NOT_POSITIVE),
        (point(None), point("1"), Reason.NO_DATA),
        (point("1"), point(None), Reason.NO_REFERENCE),
    ],
)
def test_no_comparison_without_two_complete_numbers(now: Point, before: Point, reason: Reason) -> None:
    """No growth is told from half a week, from nothing, or from a base that is not positive."""
    change = compare(now, before, is_flow=True)
    assert (change.relative, change.why_missing) == (None, reason)
