"""The clocks of a promise, against an oracle that asks the wall clock minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.engine.sla import ALLOWED, Calendar, ClockState, SlaClass, deadline, is_open, spent, state_at

MINUTE = timedelta(minutes=1)
# Clocks that go forth and back, at midnight and by half an hour, and ones that stay.
ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Tokyo",
    "Asia/Shanghai",
    "America/Santiago",
)
TURNS = (
    datetime(2026, 3, 7, tzinfo=UTC),
    datetime(2026, 3, 28, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC),
    datetime(2026, 9, 5, tzinfo=UTC),
    datetime(2026, 10, 3, tzinfo=UTC),
    datetime(2026, 10, 24, tzinfo=UTC),
    datetime(2026, 10, 31, tzinfo=UTC),
    datetime(2026, 12, 30, tzinfo=UTC),
)
SHANGHAI = Calendar("Asia/Shanghai")


def works(at: datetime, calendar: Calendar) -> bool:
    """The oracle: what the wall clock shows, by nothing but the definition."""
    wall = at.astimezone(ZoneInfo(calendar.time_zone))
    if wall.isoweekday() not in calendar.weekdays or wall.date() in calendar.holidays:
        return False
    return calendar.opens <= wall.hour * 60 + wall.minute < calendar.closes


def counted(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    minutes = int((end - start) / MINUTE)
    return sum(works(start + n * MINUTE, calendar) for n in range(minutes)) * MINUTE


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    opens = draw(st.integers(0, 1380))
    closes = draw(st.integers(min(opens + 30, 1440), 1440))
    days = draw(st.frozensets(st.integers(1, 7), min_size=3))
    rest = draw(st.frozensets(st.dates(date(2026, 3, 1), date(2027, 1, 5)), max_size=6))
    return Calendar(draw(st.sampled_from(ZONES)), opens, closes, days, rest)


instants = st.builds(lambda turn, n: turn + n * MINUTE, st.sampled_from(TURNS), st.integers(0, 3 * 1440))


@settings(max_examples=25)
@given(calendars(), instants, st.integers(0, 1600))
def test_business_time_is_what_the_wall_clock_counts(calendar: Calendar, start: datetime, n: int) -> None:
    """The minutes spent are those at which the wall clock shows working time, whenever clocks change."""
    end = start + n * MINUTE
    assert spent(start, end, SlaClass.BUSINESS, calendar) == counted(start, end, calendar)
    assert is_open(start, calendar) is works(start, calendar)


@settings(max_examples=25)
@given(calendars(), instants)
def test_a_deadline_leaves_exactly_the_time_that_was_promised(calendar: Calendar, start: datetime) -> None:
    """Until the deadline exactly the allowed time is worked, and its last minute is a working one."""
    due = deadline(start, SlaClass.BUSINESS, calendar)
    assert spent(start, due, SlaClass.BUSINESS, calendar) == ALLOWED[SlaClass.BUSINESS]
    assert works(due - MINUTE, calendar)
    assert state_at(start, due, SlaClass.BUSINESS, calendar) is ClockState.NEAR
    following = due
    while not works(following, calendar) and following - due < timedelta(days=4):
        following += MINUTE
    if works(following, calendar):
        late = state_at(start, following + MINUTE, SlaClass.BUSINESS, calendar)
        assert late is ClockState.BREACHED


@settings(max_examples=25)
@given(calendars(), instants, st.integers(0, 3000), st.integers(0, 3000))
def test_time_spent_adds_up(calendar: Calendar, start: datetime, first: int, second: int) -> None:
    """Cutting a span in two neither loses nor doubles a minute, whatever the promise."""
    middle = start + first * MINUTE
    end = middle + second * MINUTE
    for kind in SlaClass:
        parts = spent(start, middle, kind, calendar) + spent(middle, end, kind, calendar)
        assert parts == spent(start, end, kind, calendar)


@pytest.mark.parametrize(
    ("kind", "start", "due"),
    [
        # Friday 2026-11-20, 17:00 in Shanghai: an hour on Friday, seven on Monday.
        (SlaClass.BUSINESS, "2026-11-20T09:00Z", "2026-11-23T08:00Z"),
        (SlaClass.BUSINESS, "2026-11-21T03:00Z", "2026-11-23T09:00Z"),
        (SlaClass.STANDARD, "2026-11-20T09:00Z", "2026-11-21T09:00Z"),
        (SlaClass.URGENT, "2026-11-21T03:00Z", "2026-11-21T07:00Z"),
    ],
)
def test_the_three_promises(kind: SlaClass, start: str, due: str) -> None:
    """24 and 4 hours run through the week-end; 8 working hours wait for Monday."""
    assert deadline(datetime.fromisoformat(start), kind, SHANGHAI) == datetime.fromisoformat(due)


def test_states_of_a_clock() -> None:
    """Near in its last quarter, kept at the deadline itself, breached right after."""
    start = datetime(2026, 11, 20, 9, tzinfo=UTC)
    hours = {17: ClockState.OK, 18: ClockState.NEAR, 24: ClockState.NEAR}
    for passed, state in hours.items():
        assert state_at(start, start + timedelta(hours=passed), SlaClass.STANDARD, SHANGHAI) is state
    late = start + timedelta(hours=24, seconds=1)
    assert state_at(start, late, SlaClass.STANDARD, SHANGHAI) is ClockState.BREACHED
    assert spent(late, start, SlaClass.STANDARD, SHANGHAI) == timedelta(0)


def test_what_is_no_calendar_is_refused() -> None:
    """Hours that end before they begin, a week without a working day, and a naive instant are refused."""
    with pytest.raises(ValueError, match="begin before"):
        Calendar("Asia/Tokyo", 600, 600)
    with pytest.raises(ValueError, match="working day"):
        Calendar("Asia/Tokyo", weekdays=frozenset())
    with pytest.raises(ValueError, match="naive"):
        deadline(datetime(2026, 1, 1), SlaClass.URGENT, SHANGHAI)  # noqa: DTZ001
    days = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(800))
    with pytest.raises(ValueError, match="no working time"):
        deadline(datetime(2026, 1, 1, tzinfo=UTC), SlaClass.BUSINESS, Calendar("Asia/Tokyo", holidays=days))
