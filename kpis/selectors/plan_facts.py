"""What is known of a store when a plan of targets is judged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from config.lib import clock
from config.lib.calendars import Period, PeriodKind, business_day
from connectors.types import FreshnessState, StoreRef
from kpis.catalog.policies import list_policies
from kpis.catalog.process import PROCESS_OF
from kpis.engine.coverage import Evidence, Freshness, Span
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import evaluate
from kpis.engine.feasibility import MOST_HISTORY
from kpis.engine.plan_rules import FormerLine, PlanFacts
from kpis.models import Target
from kpis.selectors.definitions import list_definitions
from kpis.selectors.resources import find_resources, model_of
from kpis.selectors.scorecards import load_freshness
from kpis.selectors.series import list_windows
from kpis.selectors.stages import stage_of
from kpis.selectors.template_diff import find_template
from kpis.types import TargetView
from tenants.context import require_client


def gather_facts(
    store: StoreRef,
    *,
    kpis: Collection[str],
    effective_on: date,
    in_force: Sequence[TargetView],
    baselined: Collection[str],
    stage: str = "",
) -> PlanFacts:
    """Return the facts for targets of these KPIs from a day on; `in_force` are the lines that they replace.

    `stage` is the one that the plan is made for, where it is not the store's present one.
    """
    definitions = list_definitions()
    known = [definitions[key] for key in kpis if key in definitions]
    freshness = load_freshness([store])
    template = find_template(store, effective_on, stage)
    resources = find_resources(store.id)
    today = business_day(clock.now(), store.time_zone)
    return PlanFacts(
        today=today,
        effective_on=effective_on,
        market=store.market,
        model=model_of(store),
        stage=stage or stage_of(store.id, effective_on),
        definitions=definitions,
        process_of=PROCESS_OF,
        template_core=frozenset(template.core) if template else None,
        baselined=frozenset(baselined),
        history=list_history(store, known, freshness),
        resources=resources.resources if resources else None,
        limits=[policy.limit for policy in list_policies(store.platform, effective_on) if policy.kpi],
        former=_former(store, in_force),
        unfed=frozenset(kpi.key for kpi in known if _is_unfed(kpi, store, freshness)),
    )


def list_history(
    store: StoreRef, kpis: Sequence[KPI], freshness: Freshness
) -> Mapping[str, Sequence[Decimal]]:
    """Return the values of the last 26 weeks that are wholly known, by KPI, the latest last."""
    if not kpis:
        return {}
    weeks = _weeks(business_day(clock.now(), store.time_zone))
    measures = frozenset[str]().union(*(kpi.inputs for kpi in kpis))
    windows = list_windows(measures, [store], weeks)
    behind = [Evidence([store], Span(week.start, week.end), freshness, clock.now()) for week in weeks]
    found: dict[str, list[Decimal]] = {}
    for kpi in kpis:
        for n, window in enumerate(windows):
            if behind[n].covers(kpi):
                value = evaluate(kpi, window, store.currency, windows[n - 1] if n else None).value
                if value is not None:
                    found.setdefault(kpi.key, []).append(value)
    return found


def _weeks(today: date) -> list[Period]:
    week = Period.containing(today, PeriodKind.WEEK, require_client().week_start)
    weeks: list[Period] = []
    for _ in range(MOST_HISTORY):
        week = week.previous()
        weeks.insert(0, week)
    return weeks


def _former(store: StoreRef, in_force: Sequence[TargetView]) -> dict[str, FormerLine]:
    """The lines in force, each with the day on which its goal, weight or role was changed."""
    changed: dict[str, tuple[object, date]] = {}
    rows = Target.objects.filter(store_id=store.id, kpi__in=[target.kpi for target in in_force])
    for row in rows.order_by("kpi", "version"):
        bounds = (row.target, row.warn, row.target_low, row.target_high, row.warn_low, row.warn_high)
        meaning = (row.role, row.weight, bounds)
        if row.kpi not in changed or changed[row.kpi][0] != meaning:
            changed[row.kpi] = (meaning, business_day(row.recorded_at, store.time_zone))
    return {
        target.kpi: FormerLine(target.role, target.weight, target.goal, changed[target.kpi][1])
        for target in in_force
        if target.kpi in changed
    }


def _is_unfed(kpi: KPI, store: StoreRef, freshness: Freshness) -> bool:
    """Has one of the groups of streams that the KPI needs never delivered?"""

    def delivered(key: str) -> bool:
        found = freshness.get((store.id, key))
        return found is not None and found.state is not FreshnessState.NEVER

    return any(not any(delivered(key) for key in group) for group in kpi.needs)
