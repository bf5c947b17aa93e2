"""Until when a client has to decide: hours counted only while its window is open, in its own time zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAYS_AHEAD = 400
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Window:
    """When the client decides. `weekdays` are ISO (1 Monday … 7 Sunday); `closes` 00:00 is the day's end.

    `deadline_hours` are hours in which the window is open; reminders go out that many hours (by the clock)
    before the deadline.
    """

    time_zone: str
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    opens: time = time(9)
    closes: time = time(18)
    deadline_hours: int = 8
    reminder_hours: tuple[int, ...] = (4, 1)


def due_at(window: Window, asked_at: datetime) -> datetime:
    """Return the instant at which `deadline_hours` of open window have passed since `asked_at` (UTC).

    Hours are real hours: a window across a change of the clocks is an hour longer or shorter.
    """
    left = timedelta(hours=window.deadline_hours)
    for begin, end in slots(window, asked_at):
        begin = max(begin, asked_at)
        if end - begin >= left:
            return begin + left
        left -= max(end - begin, timedelta(0))
    raise ValueError("the window never opens long enough")


def slots(window: Window, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The window's open times from `since` on, as pairs of UTC instants; the first may be under way."""
    zone = ZoneInfo(window.time_zone)
    first = since.astimezone(zone).date()
    for offset in range(_DAYS_AHEAD):
        day = first + timedelta(days=offset)
        if day.isoweekday() not in window.weekdays:
            continue
        begin = _instant(day, window.opens, zone)
        closing = day + timedelta(days=1) if window.closes == _MIDNIGHT else day
        end = _instant(closing, window.closes, zone)
        if end > since and end > begin:
            yield begin, end


def due_reminders(window: Window, due: datetime, at: datetime) -> list[int]:
    """Return the reminders (hours before the deadline) whose time has come at `at`, the earliest first."""
    return [
        hours
        for hours in sorted(set(window.reminder_hours), reverse=True)
        if due - timedelta(hours=hours) <= at < due
    ]


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A time of the wall clock as an instant; one the clocks skip is read with the offset before the jump."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
