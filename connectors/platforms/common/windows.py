"""Which days a stream reads next: a round of windows from the first day due to the last, kept in the cursor.

A round is fixed when it begins and remembered with its place, so a stream that is interrupted between two
windows goes on with the next one; it does not begin its trailing days anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Round:
    """The days `first` to `last` (both included), of which those before `next` are done."""

    first: date
    next: date
    last: date

    @classmethod
    def begin(cls, first: date, last: date) -> Round:
        """Return a round of which nothing is done yet."""
        return cls(first, first, last)

    @classmethod
    def read(cls, cursor: Mapping[str, Any]) -> Round | None:
        """Return the unfinished round of a cursor, if there is one."""
        kept = cursor.get("round")
        return cls(*(date.fromisoformat(kept[name]) for name in ("first", "next", "last"))) if kept else None

    def write(self) -> dict[str, str]:
        """Return the round as it is kept in a cursor."""
        return {"first": str(self.first), "next": str(self.next), "last": str(self.last)}

    @property
    def is_done(self) -> bool:
        """Tell whether every day was read."""
        return self.next > self.last

    def window(self, days: int) -> tuple[date, date]:
        """Return the first and last day of the next window of at most `days` days.

        What is left is shared out evenly, so that no window of a single day comes last: an empty report of
        one day says nothing, and would look like a fault.
        """
        left = (self.last - self.next).days + 1
        size = -(-left // -(-left // days))
        return self.next, min(self.next + timedelta(days=size - 1), self.last)

    def after(self, last: date) -> Round:
        """Return the round once the days up to `last` are done."""
        return Round(self.first, last + _DAY, self.last)


def due_round(
    cursor: Mapping[str, Any], *, today: date, last: date, backfill_days: int, trailing_days: int
) -> Round:
    """Return the round to read: the unfinished one, or from the trailing days before `cursor["through"]`.

    `last` is the newest day to ask for (today, or yesterday where today is never served). A stream that never
    ran begins `backfill_days` before today.
    """
    kept = Round.read(cursor)
    if kept is not None and not kept.is_done:
        return kept
    through = cursor.get("through")
    first = today - timedelta(days=backfill_days)
    if through:
        first = max(first, date.fromisoformat(through) + _DAY - timedelta(days=trailing_days))
    return Round.begin(min(first, last), last)
