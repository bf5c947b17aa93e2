"""A KPI's parts by store, day or SKU: each computed from its own sums, never shared out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from config.lib.calendars import Period, PeriodKind
from config.lib.errors import FieldError, Invalid
from connectors.types import StoreRef
from kpis.catalog.drill import drills_by_sku
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import KPIValue, evaluate
from kpis.engine.totals import StoreTotals, Total, Window
from kpis.selectors.drilldown import list_parts
from kpis.selectors.lines import Row, show, text
from kpis.selectors.scorecards import choose_currency, choose_stores
from kpis.selectors.series import get_kpi, list_windows
from kpis.types import Unit

MOST_SKUS = 200


def get_breakdown(key: str, period: Period, store_ids: Sequence[int], *, by: str) -> Row:
    """Return the KPI's parts with their values; `Invalid` where it is not known by SKU."""
    kpi = get_kpi(key)
    stores = choose_stores(store_ids)
    currency, _ = choose_currency(stores)
    whole = list_windows(kpi.inputs, stores, [period])[0]
    parts = {"store": _by_store, "day": _by_day, "sku": _by_sku}[by](kpi, stores, period, whole, currency)
    return {
        "key": key,
        "by": by,
        "unit": kpi.unit.value,
        "currency": currency if kpi.unit is Unit.MONEY else None,
        "period": {"id": period.id, "start": period.start.isoformat(), "end": period.end.isoformat()},
        "stores": [store.id for store in stores],
        "value": show(kpi.unit, evaluate(kpi, whole, currency).value, currency),
        "parts": parts,
    }


def _by_store(
    kpi: KPI, stores: Sequence[StoreRef], period: Period, whole: Window, currency: str
) -> list[Row]:
    return [
        _part(kpi, store.name, evaluate(kpi, whole.only(store.id), currency), currency, store=store.id)
        for store in stores
    ]


def _by_day(kpi: KPI, stores: Sequence[StoreRef], period: Period, whole: Window, currency: str) -> list[Row]:
    days = [period.start + timedelta(days=n) for n in range((period.end - period.start).days + 1)]
    windows = list_windows(
        kpi.inputs, stores, [Period.containing(day, PeriodKind.DAY, period.week_start) for day in days]
    )
    return [
        _part(kpi, day.isoformat(), evaluate(kpi, window, currency), currency)
        for day, window in zip(days, windows, strict=True)
    ]


def _by_sku(kpi: KPI, stores: Sequence[StoreRef], period: Period, whole: Window, currency: str) -> list[Row]:
    unknown = sorted(measure for measure in kpi.measures if not drills_by_sku(measure))
    if unknown:
        told = f"{kpi.key} is not known by SKU: {', '.join(unknown)}"
        raise Invalid(told, errors=[FieldError("", told, "not_by_sku", parameter="by")])
    inputs = [measure for measure in kpi.inputs if drills_by_sku(measure)]
    per_sku: dict[str, dict[int, dict[str, Total]]] = defaultdict(dict)
    for place, totals in list_parts(stores, period.start, period.end, inputs).items():
        per_sku[place.sku or ""][place.store_id] = totals
    rows = []
    for sku, totals_by_store in per_sku.items():
        held = {store_id: StoreTotals(totals) for store_id, totals in totals_by_store.items()}
        window = Window(whole.measures, held, whole.days, whole.in_reporting, whole.is_domestic)
        rows.append(_part(kpi, sku or "-", evaluate(kpi, window, currency), currency, sku=sku or None))
    rows.sort(key=lambda row: (-abs(Decimal(row["numerator"] or row["weight"] or 0)), row["name"]))
    return rows[:MOST_SKUS]


def _part(
    kpi: KPI,
    name: str,
    found: KPIValue,
    currency: str,
    *,
    store: int | None = None,
    sku: str | None = None,
) -> Row:
    return {
        "name": name,
        "store": store,
        "sku": sku,
        "value": show(kpi.unit, found.value, currency),
        "why_missing": found.why_missing.value if found.why_missing else None,
        "numerator": text(found.numerator),
        "denominator": text(found.denominator),
        "weight": text(found.denominator if found.denominator is not None else found.value),
    }
