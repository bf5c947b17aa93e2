"""Which shop days are known: a union of closed day intervals, never more than what was delivered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

Interval = tuple[date, date]
_DAY = timedelta(days=1)


def merge(intervals: Iterable[Interval], new: Interval | None = None) -> tuple[Interval, ...]:
    """Return the union, ascending, of intervals with both ends included; neighbours become one.

    An interval whose end lies before its start is refused with `ValueError`.
    """
    every = sorted([*intervals, *([new] if new else [])])
    merged: list[Interval] = []
    for first, last in every:
        if last < first:
            raise ValueError(f"an interval of days ends ({last}) before it starts ({first})")
        if merged and first <= merged[-1][1] + _DAY:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def latest(intervals: Iterable[Interval]) -> Interval | None:
    """Return the interval that reaches furthest: what a stream is known for without a gap up to its end."""
    return max(intervals, key=lambda interval: interval[1], default=None)
