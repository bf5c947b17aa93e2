"""Calendars: days tile the time line in every zone, periods tile the days, ids read back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.calendars import (
    BadPeriod,
    Period,
    PeriodKind,
    UnknownTimeZone,
    business_day,
    day_bounds,
)
from config.lib.errors import Invalid

DAY = timedelta(days=1)
ZONES = st.sampled_from(sorted(available_timezones() - {"localtime"}))
DAYS = st.dates(date(2015, 1, 1), date(2037, 12, 31))
WEEK_STARTS = st.integers(1, 7)
INSTANTS = st.integers(1_420_156_800, 2_145_830_400).map(lambda second: datetime.fromtimestamp(second, UTC))
KINDS = st.sampled_from([PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER])


def utc(*parts: int) -> datetime:
    """An instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@given(DAYS, ZONES)
def test_days_follow_each_other_without_gap_or_overlap(day: date, tz: str) -> None:
    """The end of a day is the start of the next, and its first and last instants belong to it."""
    start, end = day_bounds(day, tz)
    assert start.tzinfo is end.tzinfo is UTC
    assert end == day_bounds(day + DAY, tz)[0]
    assert start <= end
    if start < end:
        assert business_day(start, tz) == day
        assert business_day(end - timedelta(microseconds=1), tz) == day
    assert business_day(end, tz) > day
    assert business_day(start - timedelta(microseconds=1), tz) < day


@given(INSTANTS, ZONES)
def test_every_instant_lies_in_its_own_business_day(at: datetime, tz: str) -> None:
    """business_day and day_bounds agree, on both sides of every change of clocks."""
    start, end = day_bounds(business_day(at, tz), tz)
    assert start <= at < end


@pytest.mark.parametrize(
    ("day", "tz", "start", "hours"),
    [
        (date(2026, 3, 8), "America/Los_Angeles", utc(2026, 3, 8, 8), 23),
        (date(2026, 11, 1), "America/Los_Angeles", utc(2026, 11, 1, 7), 25),
        (date(2026, 11, 21), "Asia/Tokyo", utc(2026, 11, 20, 15), 24),
        (date(2024, 2, 29), "Asia/Shanghai", utc(2024, 2, 28, 16), 24),
        # Midnight does not exist: clocks go from 24:00 to 01:00 (Cairo) and from 00:00 to 01:00 (Beirut).
        (date(2025, 4, 25), "Africa/Cairo", utc(2025, 4, 24, 22), 23),
        (date(2025, 3, 30), "Asia/Beirut", utc(2025, 3, 29, 22), 23),
        # Midnight comes twice: the first one counts (Havana goes back from 01:00 to 00:00).
        (date(2025, 11, 2), "America/Havana", utc(2025, 11, 2, 4), 25),
        # Mexico gave up summer time in 2022.
        (date(2026, 4, 5), "America/Mexico_City", utc(2026, 4, 5, 6), 24),
        # Lord Howe moves by half an hour.
        (date(2026, 4, 5), "Australia/Lord_Howe", utc(2026, 4, 4, 13), 24.5),
        # Samoa skipped a date; Manila lived one twice as long when it left America's side of the line.
        (date(2011, 12, 30), "Pacific/Apia", utc(2011, 12, 30, 10), 0),
        # Toronto moved at 00:01 in 1919: the gap began at 23:30 and swallowed midnight.
        (date(1919, 3, 31), "America/Toronto", utc(1919, 3, 31, 4, 30), 23.5),
    ],
)
def test_known_days_begin_and_last_as_the_zone_says(
    day: date, tz: str, start: datetime, hours: float
) -> None:
    """Days of 0, 23, 23½, 24, 24½ and 25 hours, from the zone database's own notes."""
    found, end = day_bounds(day, tz)
    assert found == start
    assert end - found == timedelta(hours=hours)


def test_naive_instants_and_unknown_zones_are_refused() -> None:
    """Neither a datetime without zone nor a zone nobody knows has a business day."""
    with pytest.raises(ValueError, match="naive"):
        business_day(datetime(2026, 1, 1), "UTC")  # noqa: DTZ001 - the point of the test
    for tz in ("Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "Europe"):
        with pytest.raises(UnknownTimeZone):
            day_bounds(date(2026, 1, 1), tz)


@given(DAYS, KINDS, WEEK_STARTS)
def test_periods_tile_the_calendar(day: date, kind: PeriodKind, week_start: int) -> None:
    """Next and previous touch without gap or overlap, undo each other, and every day is in its period."""
    period = Period.containing(day, kind, week_start)
    assert day in period
    following, before = period.next(), period.previous()
    assert following.start == period.end + DAY
    assert before.end == period.start - DAY
    assert following.previous() == period == before.next()
    assert all(Period.containing(each, kind, week_start) == period for each in period.days())
    assert len({before.id, period.id, following.id}) == 3


@given(INSTANTS, ZONES, KINDS, WEEK_STARTS)
def test_every_instant_lies_in_one_period_of_each_kind(
    at: datetime, tz: str, kind: PeriodKind, week_start: int
) -> None:
    """Across clock changes, leap days and year ends: from the first instant of its first day in the zone to
    the first one after its last, and the neighbours do not hold it."""
    period = Period.containing(business_day(at, tz), kind, week_start)
    begins, ends = day_bounds(period.start, tz)[0], day_bounds(period.end, tz)[1]
    assert begins <= at < ends
    assert day_bounds(period.previous().end, tz)[1] == begins
    assert day_bounds(period.next().start, tz)[0] == ends


def test_quarters_are_three_months() -> None:
    """Whole months, the leap day in the first quarter, the same quarter a year ago."""
    first = Period.parse("2028-Q1")
    assert (first.start, first.end, first.length) == (date(2028, 1, 1), date(2028, 3, 31), 91)
    assert (first.previous().id, first.next().id, first.year_ago().id) == ("2027-Q4", "2028-Q2", "2027-Q1")


@given(DAYS, KINDS, WEEK_STARTS)
def test_ids_read_back(day: date, kind: PeriodKind, week_start: int) -> None:
    """An id with its week start names exactly one period."""
    period = Period.containing(day, kind, week_start)
    assert Period.parse(period.id, week_start) == period
    assert Period.parse(period.id, week_start).id == period.id


@given(DAYS, st.integers(1, 366), WEEK_STARTS)
def test_rolling_windows_end_on_their_day(day: date, days: int, week_start: int) -> None:
    """A window has the length its id says, ends on the day in it, and the one before touches it."""
    period = Period.rolling(day, days, week_start)
    assert period.id == f"{day}~{days}d"
    assert Period.parse(period.id, week_start) == period
    assert (period.end, period.length) == (day, days)
    assert len(list(period.days())) == days
    assert period.previous().end == period.start - DAY
    assert period.previous().next() == period


@given(DAYS, WEEK_STARTS)
def test_weeks_start_on_their_day_and_follow_iso_numbers(day: date, week_start: int) -> None:
    """A week starts on `week_start` and shares at least four days with the ISO week of its id."""
    week = Period.containing(day, "week", week_start)
    assert week.start.isoweekday() == week_start
    assert week.length == 7
    ids = [f"{each.isocalendar().year}-W{each.isocalendar().week:02d}" for each in week.days()]
    assert ids.count(week.id) >= 4
    if week_start == 1:
        assert ids.count(week.id) == 7


def test_weeks_of_thirty_years_have_each_iso_number_once() -> None:
    """For every week start, ids of successive weeks are exactly the ISO weeks, week 53 included."""
    monday = date(2010, 1, 4)
    iso = [(monday + timedelta(weeks=n)).isocalendar() for n in range(1600)]
    expected = [f"{each.year}-W{each.week:02d}" for each in iso]
    assert "2015-W53" in expected
    assert "2026-W53" in expected
    for week_start in range(1, 8):
        week = Period.parse(expected[0], week_start)
        for text in expected:
            assert week.id == text
            week = week.next()


def test_known_periods() -> None:
    """Examples that people will look up."""
    assert Period.parse("2026-W47").start == date(2026, 11, 16)
    sunday = Period.parse("2026-W47", week_start=7)
    assert (sunday.start, sunday.end) == (date(2026, 11, 15), date(2026, 11, 21))
    assert Period.containing(date(2027, 1, 3), "week").id == "2026-W53"
    assert Period.parse("2026-02").length == 28
    assert Period.parse("2028-02").length == 29
    assert Period.parse("2026-11-21~28d").start == date(2026, 10, 25)
    assert Period.containing(date(2026, 11, 21), "rolling").id == "2026-11-21~28d"


@pytest.mark.parametrize(
    ("text", "year_before"),
    [
        ("2026-W47", "2025-W47"),
        ("2026-W53", "2025-W52"),
        ("2027-W10", "2026-W10"),
        ("2028-02", "2027-02"),
        ("2026-11-21", "2025-11-22"),
        ("2026-11-21~28d", "2025-11-22~28d"),
    ],
)
def test_a_year_ago_compares_like_with_like(text: str, year_before: str) -> None:
    """Weeks keep their number, months their name, days and windows their weekday."""
    assert Period.parse(text).year_ago().id == year_before


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026", "2026-13", "2026-W54", "2025-W53", "2026-W00", "2026-02-30", "0000-01", "2026-1-1"),
        *("2026-W5", "2026-11-21~0d", "2026-11-21~367d", "2026-11-21~28", "2026-11-21 ", "٢٠٢٦-١١"),
        *("2026-11-21~028d", "0001-01-01~30d", "2026-11\n"),
    ],
)
def test_other_texts_are_no_periods(text: str) -> None:
    """Anything outside the calendar or the four forms is refused, and says how to write one."""
    with pytest.raises(BadPeriod) as caught:
        Period.parse(text)
    assert "2026-W47" in caught.value.remedy


@pytest.mark.parametrize("week_start", [0, 8, -1])
def test_weeks_start_on_one_of_seven_days(week_start: int) -> None:
    """Day numbers are ISO's."""
    with pytest.raises(Invalid):
        Period.parse("2026-W47", week_start)
