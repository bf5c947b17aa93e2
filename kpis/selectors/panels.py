"""The weekly series by which an action's effect is judged: what was treated, and what was left alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from config.lib.calendars import Period
from connectors.selectors.products import attributes_of
from connectors.selectors.stores import get_store, list_stores
from connectors.types import StoreRef
from kpis.catalog.drill import drills_by_sku
from kpis.engine.action_states import ActionState
from kpis.engine.definitions import KPI
from kpis.engine.effect import Panel, Scale, Series
from kpis.engine.evaluate import evaluate
from kpis.engine.totals import StoreTotals, Total, Window
from kpis.models import Action
from kpis.selectors.drilldown import list_parts
from kpis.selectors.scorecards import choose_currency
from kpis.selectors.series import list_values, list_windows
from kpis.types import Unit

# Their change is told in points; everything else's as a fraction of its level.
_RATIOS = frozenset({Unit.FRACTION, Unit.INDEX})


def make_panel(
    action: Mapping[str, Any], kpi: KPI, before: Sequence[Period], after: Sequence[Period]
) -> Panel:
    """Return the panel of an action: its SKUs against the store's others of the same categories, or its
    stores against the others. What another action touched within the weeks is no control."""
    weeks = [*before, *after]
    touched = _touched(action["id"], before[0].start, after[-1].end)
    if action["skus"]:
        store = get_store(action["store_ids"][0])
        series = _sku_series(kpi, store, weeks)
        treated = {sku: series[sku] for sku in action["skus"] if sku in series}
        busy = {sku for store_id, sku in touched if store_id == store.id}
        siblings = _siblings(action["skus"], list(series))
        controls = {sku: series[sku] for sku in siblings if sku not in busy and "" not in busy}
    else:
        stores = list_stores(active_only=True)
        ids = set(action["store_ids"])
        by_store = {str(store.id): _store_series(kpi, store, weeks) for store in stores}
        known = {name: found for name, found in by_store.items() if found is not None}
        treated = {name: known[name] for name in map(str, ids) if name in known}
        busy_stores = {str(store_id) for store_id, _ in touched}
        controls = {
            name: found for name, found in known.items() if int(name) not in ids and name not in busy_stores
        }
    scale = Scale.ABSOLUTE if kpi.unit in _RATIOS else Scale.RELATIVE
    return Panel(treated, controls, len(before), scale)


def is_known_by_sku(kpi: KPI) -> bool:
    """Can the KPI be computed per SKU?"""
    return all(drills_by_sku(measure) for measure in kpi.measures)


def _touched(action_id: int, first: date, last: date) -> set[tuple[int, str]]:
    """(store, SKU) of every other action that was done in those days; SKU "" stands for the whole store."""
    rows = Action.objects.filter(
        state__in=[ActionState.DONE.value, ActionState.VERIFIED.value], done_on__range=(first, last)
    ).exclude(pk=action_id)
    return {(store_id, sku) for row in rows for store_id in row.store_ids for sku in row.skus or [""]}


def _siblings(treated: Sequence[str], known: Sequence[str]) -> list[str]:
    """The other SKUs of the treated ones' categories; all others where the master has none."""
    attributes = attributes_of([*treated, *known])
    category = {sku: row["category"] for sku, row in attributes.items() if row["category"]}
    wanted = {category[sku] for sku in treated if sku in category}
    others = [sku for sku in known if sku not in set(treated)]
    return [sku for sku in others if category.get(sku) in wanted] if wanted else others


def _sku_series(kpi: KPI, store: StoreRef, weeks: Sequence[Period]) -> dict[str, Series]:
    """Every SKU's weekly figures. A SKU without a row sold nothing; where a ratio has no denominator in one
    week, the SKU has no series."""
    currency, in_reporting = choose_currency([store])
    inputs = [measure for measure in kpi.inputs if drills_by_sku(measure)]
    found: dict[str, dict[int, Mapping[str, Total]]] = defaultdict(dict)
    for n, week in enumerate(weeks):
        for place, totals in list_parts([store], week.start, week.end, inputs).items():
            if place.sku:
                found[place.sku][n] = totals
    measures = list_windows(kpi.inputs, [store], [weeks[0]])[0].measures
    series: dict[str, Series] = {}
    for sku, by_week in found.items():
        values = []
        for n, week in enumerate(weeks):
            held = {store.id: StoreTotals(by_week.get(n, {}))}
            value = evaluate(kpi, Window(measures, held, week.length, in_reporting, True), currency).value
            values.append(None if value is None else float(value))
        if all(value is not None for value in values):
            series[sku] = tuple(value for value in values if value is not None)
    return series


def _store_series(kpi: KPI, store: StoreRef, weeks: Sequence[Period]) -> Series | None:
    values = [found.value for found in list_values(kpi, [store], [weeks[0].previous(), *weeks])[1:]]
    return None if any(value is None for value in values) else tuple(float(value or 0) for value in values)
