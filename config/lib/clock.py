"""What time it is: the only source of time, so that tests and the demo can set it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def _system() -> datetime:
    return datetime.now(UTC)


# One source for the whole process, not a context variable: worker threads started inside `set_clock` have to
# see the same time as the test that started them.
_source: Callable[[], datetime] = _system


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _source().astimezone(UTC)


def today(tz: str) -> date:
    """Return the present calendar day in the IANA time zone `tz`."""
    return now().astimezone(ZoneInfo(tz)).date()


def monotonic() -> float:
    """Return seconds of a clock that only goes forward: for measuring durations and deadlines, never set."""
    return time.monotonic()


@contextmanager
def set_clock(source: Callable[[], datetime]) -> Iterator[None]:
    """Take the time from `source` (which returns aware instants) for the whole process, then restore."""
    global _source
    former, _source = _source, source
    try:
        yield
    finally:
        _source = former


class FrozenClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.move_to(at)

    def __call__(self) -> datetime:
        return self._at

    def move_to(self, at: datetime) -> None:
        """Set the clock to the aware instant `at`."""
        if at.tzinfo is None:
            raise ValueError("a clock is set to an aware instant, not to a naive datetime")
        self._at = at.astimezone(UTC)

    def tick(self, by: timedelta | float) -> datetime:
        """Move forward by a duration (a number counts seconds) and return the new instant."""
        self._at += by if isinstance(by, timedelta) else timedelta(seconds=by)
        return self._at


@contextmanager
def frozen(at: datetime) -> Iterator[FrozenClock]:
    """Stop the clock at the aware instant `at`; the yielded clock can be moved on."""
    clock = FrozenClock(at)
    with set_clock(clock):
        yield clock
