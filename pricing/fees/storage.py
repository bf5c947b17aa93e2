"""What it costs to hold a unit for some days: a monthly rate by season, spread over each month's days."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

PEAK_MONTHS = (10, 11, 12)


def season(month: int) -> str:
    """Return the season of a month, as parameters name it."""
    return "oct_dec" if month in PEAK_MONTHS else "jan_sep"


def held_cost(on: date, days: int, rate_of: Callable[[str], Decimal | None]) -> Decimal | None:
    """Return Σ over the days from `on` of the season's rate / days of the month; None where one is missing.

    `rate_of` gives the amount per unit and month of a season.
    """
    by_month = Counter((day.year, day.month) for day in (on + timedelta(n) for n in range(days)))
    rates = {name: rate_of(name) for name in dict.fromkeys(season(month) for _, month in by_month)}
    total = Decimal(0)
    for (year, month), count in by_month.items():
        rate = rates[season(month)]
        if rate is None:
            return None
        total += rate * count / monthrange(year, month)[1]
    return total
