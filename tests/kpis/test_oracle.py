"""Every KPI equals hand-written SQL over the raw facts, for every store, week and month (BENCHMARKS P6)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from config.lib.calendars import Period, PeriodKind
from connectors.selectors.stores import list_stores
from connectors.types import StoreRef
from kpis.catalog import CATALOG
from kpis.engine.coverage import Span
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import round_for
from kpis.engine.totals import MissingInput, Window
from kpis.selectors.answer import make_window
from kpis.selectors.measures import list_period_sums
from tests.kpis.world import FIRST, LAST, World

ORACLES = Path(__file__).parent / "oracle"
COMMON = (ORACLES / "_common.sql").read_text(encoding="utf-8")


def _weeks() -> list[Period]:
    weeks = [Period.containing(FIRST, PeriodKind.WEEK)]
    while weeks[-1].end < LAST:
        weeks.append(weeks[-1].next())
    return weeks


def _truth(key: str, store: StoreRef, period: Period) -> Decimal | None:
    body = (ORACLES / f"{key}.sql").read_text(encoding="utf-8")
    with connection.cursor() as cursor:
        cursor.execute(COMMON + body, {"store": store.id, "first": period.start, "last": period.end})
        row = cursor.fetchone()
    return None if row is None or row[0] is None else Decimal(row[0])


def _computed(kpi: KPI, window: Window, previous: Window, currency: str) -> Decimal | None:
    """The formula's number, also where it would not be shown because too few of the units have a cost."""
    try:
        return round_for(kpi.unit, kpi.compute(window, previous).value, currency)
    except MissingInput:
        return None


def test_every_kpi_has_an_oracle() -> None:
    """A KPI cannot be added without saying, independently, what its number is."""
    assert {path.stem for path in ORACLES.glob("[!_]*.sql")} == set(CATALOG)


@pytest.mark.django_db
def test_every_kpi_equals_its_oracle(rolled: World) -> None:
    """32 KPIs × 3 stores × 4 weeks and a month: the numbers are equal to the last digit shown."""
    compared = 0
    for store in list_stores():
        for periods in (_weeks(), [Period.parse("2026-06"), Period.parse("2026-07")]):
            sums = list_period_sums([store.id], periods)
            windows = [
                make_window(found, Span(p.start, p.end), LAST, in_reporting=False)
                for found, p in zip(sums, periods, strict=True)
            ]
            for n, period in list(enumerate(periods))[1:]:
                for key, kpi in CATALOG.items():
                    if key == "fx_change_pct" and period.kind is PeriodKind.MONTH:
                        continue  # the month before has no facts, so it has no rate noted either
                    found = _computed(kpi, windows[n], windows[n - 1], store.currency)
                    truth = _truth(key, store, period)
                    expected = None if truth is None else round_for(kpi.unit, truth, store.currency)
                    assert found == expected, (key, store.market, period.id)
                    compared += found is not None
    assert compared > 350
