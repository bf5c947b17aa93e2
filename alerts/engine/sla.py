"""Until when an answer is owed, and how much of the time for it has gone.

Three promises (the client's contract names the one that holds): standard, 24 hours; urgent, 4 hours;
business, 8 working hours. The first two run around the clock: a store on fire does not wait for Monday. The
third runs only while the client's offices are open, by the wall clock of the client's zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from config.lib.calendars import business_day, day_bounds, zone
from tenants.types import SlaClass as SlaClass

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_MINUTES_A_DAY = 24 * 60
_LONGEST_CLOSURE = 400
NEAR_SHARE = 4
"""A clock is "near" its end once no more than one part in so many of its time is left."""


ALLOWED: Mapping[SlaClass, timedelta] = {
    SlaClass.STANDARD: timedelta(hours=24),
    SlaClass.URGENT: timedelta(hours=4),
    SlaClass.BUSINESS: timedelta(hours=8),
}


class ClockState(StrEnum):
    """How a clock stands: in time, nearly over, or over."""

    OK = "ok"
    NEAR = "near"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a client works, by the wall clock of `time_zone`.

    Open on the ISO weekdays (1 = Monday) of `weekdays` that are no `holidays`, from `opens` until before
    `closes`, both in minutes after midnight (`closes` 1440: to the end of the day).
    """

    time_zone: str
    opens: int = 9 * 60
    closes: int = 18 * 60
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    holidays: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        zone(self.time_zone)
        if not 0 <= self.opens < self.closes <= _MINUTES_A_DAY:
            raise ValueError("working hours begin before they end, within one day")
        if not self.weekdays or not self.weekdays <= set(range(1, 8)):
            raise ValueError("there is a working day in a week, and 1 to 7 are its days")


def deadline(start: datetime, sla_class: SlaClass, calendar: Calendar) -> datetime:
    """Return until when an answer is owed to what began at the aware instant `start` (in UTC).

    In business time the deadline is the instant at which the last allowed minute has been worked, so never
    later than closing time of a working day. ValueError when the calendar is closed for over a year.
    """
    allowed = ALLOWED[sla_class]
    if sla_class is not SlaClass.BUSINESS:
        return _utc(start) + allowed
    return _after(_utc(start), allowed, calendar)


def spent(start: datetime, end: datetime, sla_class: SlaClass, calendar: Calendar) -> timedelta:
    """Return how much of the allowed time has gone between two instants; nothing when `end` is before."""
    begun, ended = _utc(start), _utc(end)
    if ended <= begun:
        return timedelta(0)
    if sla_class is not SlaClass.BUSINESS:
        return ended - begun
    return sum((stop - first for first, stop in _open_between(begun, ended, calendar)), timedelta(0))


def state_at(start: datetime, end: datetime, sla_class: SlaClass, calendar: Calendar) -> ClockState:
    """Return how a clock stands at `end`, or stood when it was stopped then.

    It is kept up to and including its deadline, and near once a quarter of its time or less is left.
    """
    allowed, gone = ALLOWED[sla_class], spent(start, end, sla_class, calendar)
    if gone > allowed:
        return ClockState.BREACHED
    return ClockState.NEAR if allowed - gone <= allowed / NEAR_SHARE else ClockState.OK


def is_open(at: datetime, calendar: Calendar) -> bool:
    """Whether the client works at an instant."""
    wall = _utc(at).astimezone(zone(calendar.time_zone))
    is_working_day = wall.isoweekday() in calendar.weekdays and wall.date() not in calendar.holidays
    return is_working_day and calendar.opens <= wall.hour * 60 + wall.minute < calendar.closes


def _after(start: datetime, left: timedelta, calendar: Calendar) -> datetime:
    day = business_day(start, calendar.time_zone)
    for offset in range(_LONGEST_CLOSURE):
        for opened, closed in _openings(day + offset * _DAY, calendar):
            begun = max(opened, start)
            if begun < closed:
                if closed - begun >= left:
                    return begun + left
                left -= closed - begun
    raise ValueError("the calendar leaves no working time within a year")


def _open_between(start: datetime, end: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    day, last = business_day(start, calendar.time_zone), business_day(end, calendar.time_zone)
    while day <= last:
        for opened, closed in _openings(day, calendar):
            if max(opened, start) < min(closed, end):
                yield max(opened, start), min(closed, end)
        day += _DAY


@lru_cache(maxsize=4096)
def _openings(day: date, calendar: Calendar) -> tuple[tuple[datetime, datetime], ...]:
    """The spans of a local day in which the wall clock shows working time; two where clocks go back in it.

    Remembered, since the clocks of a client all run over the same few days.
    """
    if day.isoweekday() not in calendar.weekdays or day in calendar.holidays:
        return ()
    spans = []
    where, (first, end) = zone(calendar.time_zone), day_bounds(day, calendar.time_zone)
    midnight = datetime.combine(day, time.min, tzinfo=UTC)
    for since, until in _even(first, end, where):
        shift = _shift(since, where)
        opened = max(since, midnight + calendar.opens * _MINUTE - shift)
        closed = min(until, midnight + calendar.closes * _MINUTE - shift)
        if opened < closed:
            spans.append((opened, closed))
    return tuple(spans)


def _even(first: datetime, end: datetime, where: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Cut a day where its clocks change, which they do once in it at the most."""
    if first >= end:
        return
    last = end - _MINUTE
    if _shift(first, where) == _shift(last, where):
        yield first, end
        return
    low, high = 0, int((last - first) / _MINUTE)
    while high - low > 1:
        middle = (low + high) // 2
        if _shift(first + middle * _MINUTE, where) == _shift(first, where):
            low = middle
        else:
            high = middle
    yield first, first + high * _MINUTE
    yield first + high * _MINUTE, end


def _shift(at: datetime, where: ZoneInfo) -> timedelta:
    return at.astimezone(where).utcoffset() or timedelta(0)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a naive datetime is no instant")
    return at.astimezone(UTC)
