"""The clock: aware, in UTC, and stopped for the whole process when told to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest

from config.lib import clock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_now_is_aware_and_in_utc() -> None:
    """The present instant names its zone, and is the system's."""
    before = datetime.now(UTC)
    found = clock.now()
    assert found.tzinfo is UTC
    assert before <= found <= datetime.now(UTC)


def test_a_frozen_clock_stands_still_until_it_is_moved() -> None:
    """Nothing but `tick` and `move_to` changes the time, and leaving restores it."""
    with clock.frozen(NOON) as stopped:
        assert clock.now() == NOON
        stopped.tick(90)
        assert clock.now() == NOON + timedelta(seconds=90)
        with clock.frozen(NOON - timedelta(days=1)):
            assert clock.now().day == 20
        assert clock.now() == NOON + timedelta(seconds=90)
    assert clock.now() > datetime(2020, 1, 1, tzinfo=UTC)
    assert clock.now() != NOON


def test_other_threads_see_the_frozen_clock() -> None:
    """A worker thread started by a test has the test's time."""
    seen: list[datetime] = []
    with clock.frozen(NOON):
        thread = Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen == [NOON]


def test_today_is_the_zones_own_day() -> None:
    """At one instant it is three different days around the world."""
    with clock.frozen(datetime(2026, 11, 21, 10, 30, tzinfo=UTC)):
        assert clock.today("Pacific/Kiritimati") == date(2026, 11, 22)
        assert clock.today("Asia/Tokyo") == date(2026, 11, 21)
        assert clock.today("Pacific/Pago_Pago") == date(2026, 11, 20)


def test_a_clock_is_never_set_to_a_naive_datetime() -> None:
    """A datetime without a zone names no instant."""
    with pytest.raises(ValueError, match="aware"):
        clock.FrozenClock(NOON.replace(tzinfo=None))
