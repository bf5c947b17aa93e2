"""Freezing where a KPI stood, before its first target makes everybody remember it differently."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from statistics import median

from django.db import transaction

from config.lib import clock
from config.lib.calendars import Period, PeriodKind
from config.lib.errors import Conflict, FieldError, Invalid, gettext_noop
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from kpis.catalog.holidays import rest_days
from kpis.engine.coverage import Evidence, Span
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import evaluate, round_for
from kpis.engine.totals import Window
from kpis.models import Baseline
from kpis.selectors.baselines import BaselineView, get_baseline
from kpis.selectors.definitions import get_definition, list_definitions
from kpis.selectors.plans import list_baselined
from kpis.selectors.scorecards import load_freshness
from kpis.selectors.series import list_windows
from kpis.services.resources import lock_store
from kpis.types import Unit
from tenants import audit
from tenants.context import current_actor, require_client

WEEKS = 8
LEAST_WEEKS = 4
# So far back for weeks without holidays.
REACH = 16
METHOD = "median_weeks"
INDUSTRY = "industry"


class BaselineFrozen(Conflict):
    """A baseline stays what it was when it was frozen."""

    code = "baseline_frozen"
    title = gettext_noop("The baseline is frozen")
    permanent = True


def freeze_baselines(*, store: StoreRef, kpis: Sequence[str], before: date) -> list[str]:
    """Freeze the baselines that are missing, as `estimate_baselines` finds them, and return their KPIs.

    Call inside the transaction of the target; where there is too little history, a later target tries again.
    """
    rows = estimate_baselines(store=store, kpis=kpis, before=before)
    Baseline.objects.bulk_create(rows)
    return [row.kpi for row in rows]


def enter_baseline(*, store_id: int, kpi: str, value: Decimal, source: str) -> BaselineView:
    """Freeze a value of the industry as the baseline of a KPI whose own history is too short (K5).

    Money is in the store's currency. `NotFound` for an unknown store or KPI, `BaselineFrozen` when there is
    a baseline already, `Invalid` without a source.
    """
    store, definition = get_store(store_id), get_definition(kpi)
    if not source.strip():
        raise Invalid(
            "A value without a source is a guess.",
            errors=[FieldError("/source", "Say where the number comes from.", "required")],
        )
    today = clock.today(store.time_zone)
    with transaction.atomic():
        lock_store("targets", store_id)
        if kpi in list_baselined(store_id):
            raise BaselineFrozen(
                f"{kpi} has a baseline already.", remedy="See it; improvement is measured against it."
            )
        Baseline.objects.create(
            store_id=store_id,
            kpi=kpi,
            value=round_for(definition.unit, value, store.currency),
            currency=store.currency if definition.unit is Unit.MONEY else "",
            method=INDUSTRY,
            n=0,
            window_start_on=today,
            window_end_on=today,
            frozen_at=clock.now(),
            source=source.strip(),
            recorded_by=current_actor().label,
        )
        audit.record(
            "baseline.entered",
            target=("baseline", f"{store_id}:{kpi}"),
            after={"value": str(value), "source": source.strip()},
        )
    return get_baseline(store_id, kpi)


def estimate_baselines(*, store: StoreRef, kpis: Sequence[str], before: date) -> list[Baseline]:
    """Return what the missing baselines would be: the median of the last 8 comparable weeks before a day.

    Comparable weeks are wholly known and hold no holiday of the market (its warehouses rest), looked for up
    to 16 weeks back; fewer than 4 make no baseline. Dropping as many weeks at the top as at the bottom would
    not move a median, so nothing more is trimmed.
    """
    frozen = list_baselined(store.id)
    defined = list_definitions()
    wanted = [defined[key] for key in kpis if key in defined and key not in frozen]
    if not wanted:
        return []
    weeks = _weeks(store, min(before, clock.today(store.time_zone)))
    measures = frozenset().union(*(kpi.inputs for kpi in wanted))
    windows = list_windows(measures, [store], weeks)
    freshness = load_freshness([store])
    known = [Evidence([store], Span(week.start, week.end), freshness, clock.now()) for week in weeks]
    return [row for kpi in wanted if (row := _baseline(kpi, store, weeks, windows, known)) is not None]


def _weeks(store: StoreRef, before: date) -> list[Period]:
    """The weeks without a holiday among the last sixteen that ended before a day, ascending."""
    week = Period.containing(before, PeriodKind.WEEK, require_client().week_start)
    weeks: list[Period] = []
    for _ in range(REACH):
        week = week.previous()
        if not _is_festive(store.market, week):
            weeks.insert(0, week)
    return weeks


def _is_festive(market: str, week: Period) -> bool:
    years = {week.start.year, week.end.year}
    return any(day in week for year in years for day in rest_days(market, year))


def _baseline(
    kpi: KPI, store: StoreRef, weeks: Sequence[Period], windows: Sequence[Window], known: Sequence[Evidence]
) -> Baseline | None:
    values: dict[Period, Decimal] = {}
    for n, week in reversed(list(enumerate(weeks))):
        if len(values) == WEEKS or not known[n].covers(kpi):
            continue
        follows = n > 0 and weeks[n - 1] == week.previous()
        found = evaluate(kpi, windows[n], store.currency, windows[n - 1] if follows else None)
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
