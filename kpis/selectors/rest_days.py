"""The rest days of markets, for who keeps the same calendar as the KPIs do."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from kpis.catalog.holidays import FIRST_YEAR, LAST_YEAR, rest_days


@lru_cache(maxsize=64)
def list_rest_days(market: str) -> frozenset[date]:
    """Return the rest days of a market from 2020 to 2035; none for one without a list."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return frozenset(day for year in years for day in rest_days(market, year))
