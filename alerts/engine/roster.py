"""Who is awake: shifts in people's own time zones, and whom an alert goes to at an instant.

Nobody on duty is no reason to tell nobody: then those hear whose shift begins next, so that an alert waits
for nobody longer than until the next shift, and for a day at most.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from config.lib.calendars import zone

LONGEST_WAIT = timedelta(hours=24)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """A person's regular hours: on the ISO weekdays on which they begin, by the wall clock of `time_zone`.

    `ends` at or before `begins` means the next day; the same time of day is round the clock. An empty
    `position` or `store_ids` means all of them. Level 1 is told first, 2 and 3 when nobody acknowledges.
    `from_on` and `until_on` (both included) are the first and last day on which the shift begins.
    """

    user_id: int
    time_zone: str
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    begins: time = time(9)
    ends: time = time(18)
    level: int = 1
    position: str = ""
    store_ids: tuple[int, ...] = ()
    from_on: date | None = None
    until_on: date | None = None


def shift_body(shift: Shift) -> dict[str, Any]:
    """A shift as JSON."""
    return {
        **asdict(shift),
        "weekdays": list(shift.weekdays),
        "store_ids": list(shift.store_ids),
        "begins": shift.begins.strftime("%H:%M"),
        "ends": shift.ends.strftime("%H:%M"),
        "from_on": shift.from_on.isoformat() if shift.from_on else None,
        "until_on": shift.until_on.isoformat() if shift.until_on else None,
    }


def shift_of(body: Mapping[str, Any]) -> Shift:
    """A shift from its JSON; the inverse of `shift_body`."""
    return Shift(
        **{
            **body,
            "weekdays": tuple(body["weekdays"]),
            "store_ids": tuple(body["store_ids"]),
            "begins": time.fromisoformat(body["begins"]),
            "ends": time.fromisoformat(body["ends"]),
            "from_on": date.fromisoformat(body["from_on"]) if body["from_on"] else None,
            "until_on": date.fromisoformat(body["until_on"]) if body["until_on"] else None,
        }
    )


def whom(
    shifts: Sequence[Shift], store_id: int | None, position: str, at: datetime, level: int = 1
) -> list[int]:
    """Return the user ids to be told at an instant, in the roster's order; empty only if nobody ever comes.

    Of the shifts for the store and position (else for the store alone: better a colleague than nobody) those
    on duty at `level`; if nobody is, at the next level up where somebody is, then at the levels below; if
    nobody is on duty at all, whoever comes on within 24 hours first; else everybody of the level whose
    shifts are not over yet.
    """
    fitting = _fitting(shifts, store_id, position)
    levels = sorted({one.level for one in fitting}, key=lambda each: (each < level, each))
    for each in levels:
        awake = [one for one in fitting if one.level == each and is_on(one, at)]
        if awake:
            return _people(awake)
    soonest = _soonest(fitting, at)
    return soonest or _people([one for one in fitting if not _is_past(one, at)])


def is_on(shift: Shift, at: datetime) -> bool:
    """Whether a shift is under way at an instant."""
    return any(begin <= at < end for begin, end in _turns(shift, at, days=1))


def next_begin(shift: Shift, at: datetime, *, days: int = 8) -> datetime | None:
    """Return when a shift begins next after an instant, None if not within so many days."""
    return min((begin for begin, _ in _turns(shift, at, days=days) if begin > at), default=None)


def longest_gap(
    shifts: Sequence[Shift], since: datetime, *, days: int = 14
) -> tuple[datetime, datetime] | None:
    """Return the longest time from `since` on in which nobody is on duty; None if somebody always is."""
    until = since + days * _DAY
    turns = sorted(turn for one in shifts for turn in _turns(one, since, days=days))
    gap: tuple[datetime, datetime] | None = None
    covered = since
    for begin, end in [*turns, (until, until)]:
        begin = min(begin, until)
        if begin > covered and (gap is None or begin - covered > gap[1] - gap[0]):
            gap = (covered, begin)
        covered = max(covered, end)
    return gap


def _fitting(shifts: Sequence[Shift], store_id: int | None, position: str) -> list[Shift]:
    of_store = [one for one in shifts if not one.store_ids or store_id is None or store_id in one.store_ids]
    of_position = [one for one in of_store if one.position in ("", position)]
    return of_position or of_store


def _soonest(shifts: Sequence[Shift], at: datetime) -> list[int]:
    begins = [(begin, one) for one in shifts if (begin := next_begin(one, at, days=2)) is not None]
    within = [(begin, one) for begin, one in begins if begin - at <= LONGEST_WAIT]
    if not within:
        return []
    first = min(begin for begin, _ in within)
    return _people([one for begin, one in within if begin == first])


def _turns(shift: Shift, at: datetime, *, days: int) -> Iterator[tuple[datetime, datetime]]:
    """When a shift is under way, from the day before an instant's on (a night shift began then), in UTC."""
    where = zone(shift.time_zone)
    first = at.astimezone(where).date() - _DAY
    for offset in range(days + 2):
        day = first + offset * _DAY
        if day.isoweekday() not in shift.weekdays or not _is_between(day, shift):
            continue
        last = day if shift.ends > shift.begins else day + _DAY
        # A wall-clock time that the clocks skip is read with the offset before the jump.
        begin = datetime.combine(day, shift.begins, tzinfo=where)
        end = datetime.combine(last, shift.ends, tzinfo=where)
        yield begin.astimezone(at.tzinfo), end.astimezone(at.tzinfo)


def _is_between(day: date, shift: Shift) -> bool:
    return (shift.from_on is None or day >= shift.from_on) and (
        shift.until_on is None or day <= shift.until_on
    )


def _is_past(shift: Shift, at: datetime) -> bool:
    return shift.until_on is not None and at.astimezone(zone(shift.time_zone)).date() > shift.until_on


def _people(shifts: Collection[Shift]) -> list[int]:
    return list(dict.fromkeys(one.user_id for one in shifts))
