"""Every KPI equals hand-written SQL over the raw facts, for every store, week and month (BENCHMARKS P6)."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from django.db import connection

from config.lib.calendars import Period, PeriodKind
from connectors.models import OrderLine
from connectors.selectors.stores import list_stores
from connectors.types import StoreRef
from kpis.catalog import CATALOG
from kpis.engine.coverage import Span
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import round_for
from kpis.engine.totals import MissingInput, Window
from kpis.selectors.answer import make_window
from kpis.selectors.measures import list_period_sums
from kpis.services.rollup import recompute_days
from tenants.types import ClientRef
from tests.kpis.world import FIRST, LAST, MARKETS, days, fill_store, make_rates, make_store
from tests.kpis.world_costs import make_costs

ORACLES = Path(__file__).parent / "oracle"
WORLDS = 51
# "-- trailing 30" on the first line: the oracle's days are the 30 that end with the period.
TRAILING = re.compile(r"-- trailing (\d+)\n")


def _common() -> dict[str, str]:
    """The common rows by name, in their order."""
    text = (ORACLES / "_common.sql").read_text(encoding="utf-8")
    parts = re.split(r"^(?:with )?(\w+) as \(\n", text, flags=re.MULTILINE)
    return {
        name: body.rstrip().removesuffix(",") for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


COMMON = _common()


@cache
def _oracle(key: str) -> tuple[str, int]:
    """The SQL of a KPI's oracle and how many days it looks back (0: the period's own).

    Only the common rows it reads come along: planning all of them takes longer than the question.
    """
    text = (ORACLES / f"{key}.sql").read_text(encoding="utf-8")
    looks_back = TRAILING.match(text)
    body = TRAILING.sub("", text, count=1)
    used: list[str] = []
    for name, rows in reversed(COMMON.items()):
        if re.search(rf"\b{name}\b", "\n".join([body, *used])):
            used.insert(0, f"{name} as (\n{rows}")
    head = ",\n".join(used or ["nothing as (select)"])
    return f"with {head}\n{body}", int(looks_back[1]) if looks_back else 0


def _weeks() -> list[Period]:
    weeks = [Period.containing(FIRST, PeriodKind.WEEK)]
    while weeks[-1].end < LAST:
        weeks.append(weeks[-1].next())
    return weeks


def _truth(key: str, store: StoreRef, period: Period) -> Decimal | None:
    sql, looks_back = _oracle(key)
    first: date = period.end - timedelta(days=looks_back - 1) if looks_back else period.start
    with connection.cursor() as cursor:
        cursor.execute(sql, {"store": store.id, "first": first, "last": period.end})
        row = cursor.fetchone()
    return None if row is None or row[0] is None else Decimal(row[0])


def _computed(kpi: KPI, window: Window, previous: Window, currency: str) -> Decimal | None:
    """The formula's number, also where it would not be shown because too few of the units have a cost."""
    try:
        return round_for(kpi.unit, kpi.compute(window, previous).value, currency)
    except MissingInput:
        return None


def _compare(store: StoreRef, periods: list[Period]) -> dict[str, int]:
    """Compare every KPI over the second of two successive periods; how often each had a number."""
    sums = list_period_sums([store.id], periods)
    windows = [
        make_window(found, Span(p.start, p.end), LAST, in_reporting=False)
        for found, p in zip(sums, periods, strict=True)
    ]
    compared = dict.fromkeys(CATALOG, 0)
    previous, window = windows
    period = periods[1]
    for key, kpi in CATALOG.items():
        if key == "fx_change_pct" and period.kind is PeriodKind.MONTH:
            continue  # the month before has no rates
        found = _computed(kpi, window, previous, store.currency)
        truth = _truth(key, store, period)
        expected = None if truth is None else round_for(kpi.unit, truth, store.currency)
        assert found == expected, (key, store.market, period.id)
        compared[key] = int(found is not None)
    return compared


def test_every_kpi_has_an_oracle() -> None:
    """A KPI cannot be added without saying, independently, what its number is."""
    assert {path.stem for path in ORACLES.glob("[!_]*.sql")} == set(CATALOG)


MONTHS = [Period.parse("2026-06"), Period.parse("2026-07")]


@pytest.mark.django_db
def test_every_kpi_equals_its_oracle(in_acme: ClientRef) -> None:
    """51 random worlds, some with buyers of years ago, a week or a month each: the numbers are equal to the
    last digit shown, and every KPI has one somewhere."""
    make_rates()
    make_costs(random.Random(1))
    markets = list(MARKETS)
    stores = [make_store(markets[n % 3]) for n in range(WORLDS)]
    for n, store_id in enumerate(stores):
        fill_store(random.Random(n), n, store_id, markets[n % 3], has_past=n % 5 == 0)
    past = OrderLine.objects.filter(business_on__lt=FIRST).values_list("store_id", "business_on").distinct()
    recompute_days(days=[*past, *((store_id, day) for store_id in stores for day in days())])
    had = dict.fromkeys(CATALOG, 0)
    rng = random.Random(2)
    for store in list_stores():
        n = rng.randrange(1, len(_weeks()))
        periods = MONTHS if rng.random() < 0.25 else _weeks()[n - 1 : n + 1]
        for key, count in _compare(store, periods).items():
            had[key] += count
    assert [key for key, count in had.items() if not count] == []
