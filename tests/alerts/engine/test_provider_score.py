"""Which reviews fell due, and what better than the baseline means."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.engine.provider_score import improvement, reviews_due, share_of, weeks_within
from tenants.types import ReportCadence

DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(DAYS, st.integers(0, 100), st.integers(0, 100), st.sampled_from(ReportCadence), st.integers(1, 7))
def test_every_review_falls_due_once(
    first: date, before: int, after: int, cadence: ReportCadence, week_start: int
) -> None:
    """However a span is cut in two, the same reviews fall due in its parts as in the whole."""
    middle = first + timedelta(days=before)
    last = middle + timedelta(days=1 + after)
    parts = [
        *reviews_due(cadence, first, middle, week_start),
        *reviews_due(cadence, middle + timedelta(days=1), last, week_start),
    ]
    assert parts == reviews_due(cadence, first, last, week_start)


@given(DAYS, st.integers(0, 120), st.integers(1, 7))
def test_weeks_are_whole_and_in_a_row(first: date, length: int, week_start: int) -> None:
    """Every week that ended within the span is there, seven days long, each right after the one before."""
    last = first + timedelta(days=length)
    weeks = weeks_within(first, last, week_start)
    assert all(first <= week.end <= last for week in weeks)
    ends = {first + timedelta(days=n) for n in range(length + 1)}
    assert {week.end for week in weeks} == {day for day in ends if (day.isoweekday() % 7 + 1) == week_start}


def test_reviews_of_october() -> None:
    """The month's review is due ten days after it, the week's seven."""
    months = reviews_due(ReportCadence.MONTH, date(2026, 11, 1), date(2026, 11, 30), 1)
    assert [(period.id, due) for period, due in months] == [("2026-10", date(2026, 11, 10))]
    weeks = reviews_due(ReportCadence.WEEK, date(2026, 11, 1), date(2026, 11, 14), 1)
    assert [(period.id, due) for period, due in weeks] == [
        ("2026-W43", date(2026, 11, 1)),
        ("2026-W44", date(2026, 11, 8)),
    ]


@pytest.mark.parametrize(
    ("values", "baseline", "is_up_better", "expected"),
    [
        (["110", "130", "90"], "100", True, "0.1"),
        (["0.2", "0.3"], "0.5", False, "0.5"),
        (["-5"], "-10", True, "0.5"),
        (["1"], "0", True, None),
        ([], "5", True, None),
    ],
)
def test_improvement(values: list[str], baseline: str, is_up_better: bool, expected: str | None) -> None:
    """The median against the baseline, in the KPI's own direction; nothing to divide by is no figure."""
    found = improvement([Decimal(value) for value in values], Decimal(baseline), is_up_better=is_up_better)
    assert found == (None if expected is None else Decimal(expected))


def test_a_share_of_nothing_is_no_figure() -> None:
    """Nothing due is neither all kept nor none."""
    assert share_of([]).value is None
    assert share_of([True, False, False]).value == Decimal(1) / 3
