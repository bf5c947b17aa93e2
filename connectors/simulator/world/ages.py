"""How old the units on hand are: first in, first out."""

from __future__ import annotations

from collections import deque
from datetime import date

from connectors.simulator.world.model import StockBook


def lots_at(book: StockBook, day: date) -> list[tuple[date, int]]:
    """The units on hand at the end of a day with the day each lot was received; returns count as new."""
    lots: deque[tuple[date, int]] = deque(book.lots)
    for when in sorted(book.days):
        if when > day:
            break
        moved = book.days[when]
        if moved.received + moved.returned:
            lots.append((when, moved.received + moved.returned))
        leaving = moved.shipped + moved.damaged
        while leaving:
            received, units = lots.popleft()
            taken = min(leaving, units)
            leaving -= taken
            if units > taken:
                lots.appendleft((received, units - taken))
    return list(lots)


def buckets_at(book: StockBook, day: date) -> tuple[int, int, int, int, int]:
    """Units aged 0-90, 91-180, 181-270, 271-365 and more than 365 days."""
    counts = [0, 0, 0, 0, 0]
    for received, units in lots_at(book, day):
        age = (day - received).days
        counts[sum(age > limit for limit in (90, 180, 270, 365))] += units
    return counts[0], counts[1], counts[2], counts[3], counts[4]
