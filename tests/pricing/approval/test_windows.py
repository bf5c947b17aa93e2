"""Deadlines in the client's own hours, across weekends and changes of the clocks; reminders; delay cost."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal as D
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricing.engine.delay_cost import delay_cost
from pricing.engine.windows import Window, due_at, due_reminders

NEW_YORK = Window("America/New_York", (1, 2, 3, 4, 5), time(9), time(18), 4)
TOKYO = Window("Asia/Tokyo", (1, 2, 3, 4, 5), time(9), time(18), 8)
QUARTER = timedelta(minutes=15)
ALL_DAY = Window("America/New_York", (1, 2, 3, 4, 5, 6, 7), time(0), time(0), 12)


def at(zone: str, *parts: int) -> datetime:
    """A time of a zone's clock."""
    return datetime(*parts, tzinfo=ZoneInfo(zone))  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("window", "asked", "due"),
    [
        # Within the hours of a Thursday.
        (NEW_YORK, (2026, 11, 19, 10, 0), (2026, 11, 19, 14, 0)),
        # Friday 16:00: two hours are left, the other two are Monday's.
        (NEW_YORK, (2026, 11, 20, 16, 0), (2026, 11, 23, 11, 0)),
        # At night and on a weekend the hours begin with the next opening.
        (NEW_YORK, (2026, 11, 21, 3, 0), (2026, 11, 23, 13, 0)),
        # Exactly the closing time: the deadline may fall on it.
        (NEW_YORK, (2026, 11, 19, 14, 0), (2026, 11, 19, 18, 0)),
        (TOKYO, (2026, 11, 20, 17, 59), (2026, 11, 23, 16, 59)),
        # The night the clocks go back (1 November) has an hour more, the spring one an hour less.
        (ALL_DAY, (2026, 10, 31, 20, 0), (2026, 11, 1, 7, 0)),
        (ALL_DAY, (2026, 3, 7, 20, 0), (2026, 3, 8, 9, 0)),
    ],
)
def test_the_deadline_counts_open_hours(window: Window, asked: tuple[int, ...], due: tuple[int, ...]) -> None:
    """Worked by hand, on the client's clock."""
    assert due_at(window, at(window.time_zone, *asked)) == at(window.time_zone, *due)


def test_the_zone_is_the_clients() -> None:
    """The same instant gives another deadline in Tokyo than in New York."""
    asked = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
    assert due_at(NEW_YORK, asked) == at("America/New_York", 2026, 11, 19, 14, 0)
    assert due_at(TOKYO, asked) == at("Asia/Tokyo", 2026, 11, 20, 17, 0)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    asked=st.integers(0, 70_000).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + n * QUARTER),
    zone=st.sampled_from(["America/New_York", "Asia/Tokyo", "America/Mexico_City", "Europe/London"]),
    hours=st.integers(1, 40),
    days=st.sets(st.integers(1, 7), min_size=1),
    opens=st.integers(0, 20),
    length=st.integers(1, 4),
)
def test_exactly_the_agreed_hours_are_open_before_the_deadline(
    asked: datetime, zone: str, hours: int, days: set[int], opens: int, length: int
) -> None:
    """Counted by quarters of an hour on the wall clock, as an oracle."""
    window = Window(zone, tuple(sorted(days)), time(opens), time((opens + length) % 24), hours)
    due = due_at(window, asked)
    moment, left = asked, timedelta(hours=hours)
    while left > timedelta(0):
        local = moment.astimezone(ZoneInfo(zone))
        if local.isoweekday() in days and opens <= local.hour < opens + length:
            left -= QUARTER
        moment += QUARTER
    assert due == moment


def test_reminders_fall_due_once_their_time_has_come() -> None:
    """The earliest first, none before its time and none after the deadline."""
    window = Window("UTC", reminder_hours=(1, 4))
    due = datetime(2026, 11, 19, 18, tzinfo=UTC)
    assert due_reminders(window, due, due - timedelta(hours=5)) == []
    assert due_reminders(window, due, due - timedelta(hours=4)) == [4]
    assert due_reminders(window, due, due - timedelta(minutes=59)) == [4, 1]
    assert due_reminders(window, due, due) == []


OPENED = datetime(2026, 11, 19, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("gain", "hours", "cover", "per_hour", "total", "is_capped"),
    [
        ("48", 6, None, "2", "12", False),
        ("48", 36, "1", "0", "48", True),
        ("48", 24 * 40, None, "0", "1440", True),
        ("48", 6, "0", "0", "0", True),
        ("-5", 6, None, "0", "0", False),
        (None, 6, None, None, None, False),
    ],
)
def test_the_cost_of_waiting_is_bounded(
    gain: str | None, hours: int, cover: str | None, per_hour: str | None, total: str | None, is_capped: bool
) -> None:
    """By the stock, by thirty days, by zero; a gain nobody knows costs nobody knows what."""
    found = delay_cost(
        None if gain is None else D(gain),
        since=OPENED,
        until=OPENED + timedelta(hours=hours),
        cover_days=None if cover is None else D(cover),
    )
    assert found.per_hour == (None if per_hour is None else D(per_hour))
    assert found.total == (None if total is None else D(total))
    assert (found.hours, found.is_capped) == (D(hours), is_capped)
