"""How demand moves through the week and the season, per market."""

from __future__ import annotations

import math
from datetime import date

_WEEKDAY = {
    "US": (1.04, 1.0, 0.98, 0.97, 0.95, 1.0, 1.08),
    "MX": (1.02, 1.0, 1.0, 0.98, 1.02, 1.0, 0.98),
    "JP": (0.96, 0.95, 0.97, 0.97, 1.0, 1.1, 1.12),
}
# Local hours in which orders come in, and how often.
HOURS = tuple(range(24))
HOUR_WEIGHTS = (2, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 6, 5, 5, 5, 5, 6, 7, 8, 9, 8, 6, 4)


def demand_factor(market: str, day: date) -> float:
    """A day's share of normal demand: its weekday's times a mild yearly swell towards December."""
    season = 1 + 0.12 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 345) / 365)
    return _WEEKDAY[market][day.weekday()] * season
