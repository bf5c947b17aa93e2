"""Whether a day's number is unlike its like: medians by weekday, spread by the median deviation.

Both survive a few wild days in the history, which a mean and a standard deviation do not. The score is the
modified z-score of Iglewicz and Hoaglin (1993): 0.6745 × (x − median) / MAD, beyond 3.5 is an outlier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

_CONSISTENT = Decimal("0.6745")
_MEAN_CONSISTENT = Decimal("1.253314")
_LEAST_SPREAD = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class Unusual:
    """What was expected of a day and how far off it was; `spread` is one robust standard deviation, `days`
    how many days of history it rests on."""

    expected: Decimal
    spread: Decimal
    score: Decimal
    days: int


def judge_day(
    value: Decimal, on: date, history: Mapping[date, Decimal], *, least_days: int = 21
) -> Unusual | None:
    """Hold a day against the days before it; None where the history is too short to say anything.

    Needed are `least_days` days and three of the same weekday. Deviations from the weekday's own median are
    pooled over all weekdays. A spread is never less than 2 % of what was expected: where history is constant
    every cent would be an outlier otherwise.
    """
    peers: dict[int, list[Decimal]] = defaultdict(list)
    for day, past in history.items():
        if day < on:
            peers[day.weekday()].append(past)
    days = sum(map(len, peers.values()))
    if days < least_days or len(peers[on.weekday()]) < 3:
        return None
    usual = {weekday: median(values) for weekday, values in peers.items() if values}
    deviations = [abs(past - usual[weekday]) for weekday, values in peers.items() for past in values]
    expected = usual[on.weekday()]
    spread = median(deviations) / _CONSISTENT or _MEAN_CONSISTENT * sum(deviations, Decimal(0)) / days
    spread = max(spread, abs(expected) * _LEAST_SPREAD)
    if spread == 0:
        # Nothing but zeros so far: a number that is not zero has no likeness at all, one that is has all.
        score = Decimal(0) if value == expected else Decimal(1000).copy_sign(value - expected)
        return Unusual(expected, spread, score, days)
    return Unusual(expected, spread, (value - expected) / spread, days)
