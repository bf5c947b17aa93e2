"""What a formula would have shown: its values over past periods, before anybody is judged by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from config.lib import clock
from config.lib.calendars import Period, PeriodKind, business_day
from kpis.engine.definitions import KPI
from kpis.selectors.lines import show
from kpis.selectors.scorecards import choose_currency, choose_stores
from kpis.selectors.series import list_values
from kpis.types import Grain
from tenants.context import require_client


def preview(
    kpis: Sequence[KPI], *, store_ids: Sequence[int], grain: Grain, points: int
) -> list[dict[str, Any]]:
    """Return the last `points` complete periods, the latest last, each with the value of every KPI.

    Every point is computed from the daily measures as they are known now, so a formula that is not saved yet
    shows what it would have shown. `NotFound` for an unknown store.
    """
    stores = choose_stores(store_ids)
    currency, _ = choose_currency(stores)
    moment = clock.now()
    today = min((business_day(moment, store.time_zone) for store in stores), default=moment.date())
    periods = _complete(today, grain, points)
    columns = [list_values(kpi, stores, periods) for kpi in kpis]
    return [
        {
            "period": period.id,
            "start": period.start,
            "end": period.end,
            "values": [
                {
                    "value": show(kpi.unit, column[n].value, currency),
                    "why_missing": reason.value if (reason := column[n].why_missing) else None,
                }
                for kpi, column in zip(kpis, columns, strict=True)
            ],
        }
        for n, period in enumerate(periods)
    ]


def _complete(today: date, grain: Grain, points: int) -> list[Period]:
    period = Period.containing(today, PeriodKind(grain.value), require_client().week_start)
    found: list[Period] = []
    for _ in range(points):
        period = period.previous()
        found.insert(0, period)
    return found
