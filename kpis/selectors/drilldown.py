"""The parts of a figure: sums per store and SKU, made from the facts when asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from connectors.types import StoreRef
from kpis.catalog.drill import COSTED_UNITS, DRILL_MEASURES
from kpis.catalog.measures import SOURCES
from kpis.engine.drill_sql import cost_lines_statement, drill_statement
from kpis.engine.measures import Measure
from kpis.engine.rollup_sql import PLANNER_SETTINGS
from kpis.engine.totals import Total
from tenants.context import require_client


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A store, and a SKU of it: "" for what belongs to no SKU, None where nothing was asked by SKU."""

    store_id: int
    sku: str | None = None

    def __str__(self) -> str:
        return f"{self.store_id}/{self.sku or ''}"


Parts = dict[Place, dict[str, Total]]


def list_parts(
    stores: Sequence[StoreRef],
    first: date,
    last: date,
    measures: Collection[str],
    *,
    by_sku: bool = True,
) -> Parts:
    """Sum measures over `first`..`last` (both included) per store and SKU (or per store only).

    One statement per fact table. What a store or SKU has no row of is absent, not zero.
    """
    wanted: dict[str, list[Measure]] = defaultdict(list)
    for key in sorted(measures):
        wanted[DRILL_MEASURES[key].source].append(DRILL_MEASURES[key])
    parameters = _parameters(stores, first, last)
    found: Parts = defaultdict(dict)
    if not stores:
        return found
    with transaction.atomic(), connection.cursor() as cursor:
        for name, value in PLANNER_SETTINGS.items():
            cursor.execute("select set_config(%s, %s, true)", [name, value])
        for source, its in wanted.items():
            by = ("sku",) if by_sku else ()
            cursor.execute(drill_statement(SOURCES[source], its, by), parameters)
            for store_id, *sku, measure, value, reporting in cursor.fetchall():
                place = Place(store_id, sku[0] if sku else None)
                found[place][measure] = Total(value, reporting, 1)
        for name in PLANNER_SETTINGS:
            cursor.execute("select set_config(%s, 'on', true)", [name])
    return found


def list_cost_lines(stores: Sequence[StoreRef], first: date, last: date) -> Parts:
    """Return per store what each line of the cost sheets came to: units sold less those returned sellable."""
    parameters = _parameters(stores, first, last)
    found: Parts = defaultdict(dict)
    if not stores:
        return found
    with transaction.atomic(), connection.cursor() as cursor:
        for source, units in COSTED_UNITS.items():
            cursor.execute(cost_lines_statement(SOURCES[source], units), parameters)
            for store_id, line, value, reporting in cursor.fetchall():
                there = found[Place(store_id)].get(line, Total(Decimal(0), Decimal(0), 1))
                found[Place(store_id)][line] = Total(
                    _plus(there.value, value), _plus(there.reporting, reporting), 1
                )
    return found


def _plus(there: Decimal | None, more: Decimal | None) -> Decimal | None:
    return None if there is None or more is None else there + more


def _parameters(stores: Sequence[StoreRef], first: date, last: date) -> Mapping[str, Any]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    pairs = [(store, day) for store in stores for day in days]
    return {
        "stores": [store.id for store, _ in pairs],
        "days": [day for _, day in pairs],
        "store_set": [store.id for store in stores],
        "day_set": days,
        "markets": [store.market for store, _ in pairs],
        "currencies": [store.currency for store, _ in pairs],
        "reporting": require_client().reporting_currency,
    }
