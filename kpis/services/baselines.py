"""Freezing where a KPI stood, before its first target makes everybody remember it differently."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from statistics import median

from config.lib import clock
from config.lib.calendars import Period, PeriodKind
from connectors.types import StoreRef
from kpis.engine.coverage import Evidence, Span
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import evaluate, round_for
from kpis.engine.totals import Window
from kpis.models import Baseline
from kpis.selectors.definitions import list_definitions
from kpis.selectors.plans import list_baselined
from kpis.selectors.scorecards import load_freshness
from kpis.selectors.series import list_windows
from kpis.types import Unit
from tenants.context import require_client

WEEKS = 8
LEAST_WEEKS = 4
METHOD = "median_weeks"


def freeze_baselines(*, store: StoreRef, kpis: Sequence[str], before: date) -> list[str]:
    """Freeze the baselines that are missing: the median of the last 8 complete weeks before `before`.

    Weeks that are not wholly known do not count, and fewer than 4 make no baseline (a later target tries
    again). Returns the KPIs frozen now; call inside the transaction of the target.
    """
    frozen = list_baselined(store.id)
    defined = list_definitions()
    wanted = [defined[key] for key in kpis if key in defined and key not in frozen]
    if not wanted:
        return []
    weeks = _weeks(min(before, clock.today(store.time_zone)))
    measures = frozenset().union(*(kpi.inputs for kpi in wanted))
    windows = list_windows(measures, [store], weeks)
    freshness = load_freshness([store])
    known = [Evidence([store], Span(week.start, week.end), freshness, clock.now()) for week in weeks]
    rows = [row for kpi in wanted if (row := _baseline(kpi, store, weeks, windows, known)) is not None]
    Baseline.objects.bulk_create(rows)
    return [row.kpi for row in rows]


def _weeks(before: date) -> list[Period]:
    """The last eight weeks that ended before a day, ascending."""
    week = Period.containing(before, PeriodKind.WEEK, require_client().week_start)
    weeks: list[Period] = []
    for _ in range(WEEKS):
        week = week.previous()
        weeks.insert(0, week)
    return weeks


def _baseline(
    kpi: KPI, store: StoreRef, weeks: Sequence[Period], windows: Sequence[Window], known: Sequence[Evidence]
) -> Baseline | None:
    values = {}
    for n, week in enumerate(weeks):
        if not known[n].covers(kpi):
            continue
        found = evaluate(kpi, windows[n], store.currency, windows[n - 1] if n else None)
        if found.value is not None:
            values[week] = found.value
    if len(values) < LEAST_WEEKS:
        return None
    return Baseline(
        store_id=store.id,
        kpi=kpi.key,
        value=round_for(kpi.unit, median(values.values()), store.currency),
        currency=store.currency if kpi.unit is Unit.MONEY else "",
        method=METHOD,
        n=len(values),
        window_start_on=min(week.start for week in values),
        window_end_on=max(week.end for week in values),
        frozen_at=clock.now(),
    )
