"""Which days of one period answer to which of another: weekdays to weekdays, events to the same events.

Two weeks rarely differ in weekdays but often in events (a sale in one of them), two months in both. A raw
comparison mixes what was done with what the calendar did. Here each day of the period is put beside the days
of the reference that were like it: the same day of the same event, else the same weekday without an event.
Days without a like are left out on both sides, and their names say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

# Names of what was on, day by day; a day without an entry was an ordinary one.
Events = Mapping[date, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Alignment:
    """The days of the period that have a like, and what each day of the reference counts.

    The weights add up to the number of matched days, so both sides are sums over equally many days.
    """

    matched: tuple[date, ...]
    left_out: tuple[date, ...]
    weights: Mapping[date, Fraction]

    @property
    def days(self) -> int:
        """How many days stand on either side."""
        return len(self.matched)


def align(
    days: Sequence[date], reference: Sequence[date], events: Events, *, wider: Sequence[date] = ()
) -> Alignment:
    """Match `days` with `reference` (both ascending).

    An event's nth day in the one answers to its nth day in the other; where the other has fewer, to its last.
    `wider` are the days among which events are looked for where they move from year to year (else only in
    the reference).
    """
    places = _places(wider or reference, events)
    ordinary: dict[int, list[date]] = {}
    for day in reference:
        if not events.get(day):
            ordinary.setdefault(day.isoweekday(), []).append(day)
    own = _places(days, events)
    matched: list[date] = []
    left_out: list[date] = []
    weights: dict[date, Fraction] = {}
    for day in days:
        likes = _likes(day, events, own, places, ordinary)
        if not likes:
            left_out.append(day)
            continue
        matched.append(day)
        for like in likes:
            weights[like] = weights.get(like, Fraction(0)) + Fraction(1, len(likes))
    return Alignment(tuple(matched), tuple(left_out), weights)


def _places(days: Sequence[date], events: Events) -> dict[str, list[date]]:
    """The days of every event, in order; a day of two events is told by both names together."""
    found: dict[str, list[date]] = {}
    for day in days:
        if names := events.get(day):
            found.setdefault(_name(names), []).append(day)
    return found


def _likes(
    day: date,
    events: Events,
    own: Mapping[str, Sequence[date]],
    places: Mapping[str, Sequence[date]],
    ordinary: Mapping[int, Sequence[date]],
) -> Sequence[date]:
    names = events.get(day)
    if not names:
        return ordinary.get(day.isoweekday(), ())
    name = _name(names)
    there = places.get(name)
    if not there:
        return ()
    return (there[min(own[name].index(day), len(there) - 1)],)


def _name(names: frozenset[str]) -> str:
    return " + ".join(sorted(names))
