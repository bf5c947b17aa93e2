"""How a number came about: its formula, the sums that went in with where they come from, and the streams."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.types import StoreRef
from kpis.catalog import MEASURES, SOURCES
from kpis.engine.coverage import Freshness
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import KPIValue
from kpis.engine.totals import MissingInput, Window

Row = dict[str, Any]


def explain_number(kpi: KPI, found: KPIValue, window: Window) -> Row:
    """The formula, its two parts, secondary figures, and every measure that went in (F5)."""
    return {
        "formula": kpi.formula,
        "kind": kpi.kind,
        "numerator": _text(found.numerator),
        "denominator": _text(found.denominator),
        "also": {name: _text(value) for name, value in found.also},
        "measures": {key: _text(_measure(window, key)) for key in sorted(kpi.measures)},
    }


def explain_inputs(kpi: KPI) -> list[Row]:
    """What each measure sums, by which day, and from which table of facts."""
    return [
        {
            "measure": key,
            "meaning": MEASURES[key].meaning,
            "unit": MEASURES[key].unit.value,
            "basis": MEASURES[key].basis.value,
            "facts": SOURCES[MEASURES[key].source].table,
            "over_days": MEASURES[key].over_days.value,
            "over_stores": MEASURES[key].over_stores.value,
        }
        for key in sorted(kpi.measures)
    ]


def explain_streams(kpi: KPI, stores: Sequence[StoreRef], freshness: Freshness) -> list[Row]:
    """The state of every stream that may feed the KPI, store by store; one that is not there is left out."""
    keys = dict.fromkeys(key for group in kpi.needs for key in group)
    return [
        {
            "store": store.id,
            "stream": key,
            "state": found.state.value,
            "data_as_of": _instant(found.data_as_of),
            "covered_from": found.covered_from.isoformat() if found.covered_from else None,
            "covered_through": found.covered_through.isoformat() if found.covered_through else None,
        }
        for store in stores
        for key in keys
        if (found := freshness.get((store.id, key))) is not None
    ]


def _measure(window: Window, key: str) -> Decimal | None:
    try:
        return window.total(key)
    except MissingInput:
        return None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
