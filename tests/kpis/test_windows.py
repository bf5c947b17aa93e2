"""Any window of any stores equals the sum over raw facts, exact to the minor unit, however late facts were
edited (BENCHMARKS P6)."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.db import connection

from config.lib.money import exponent
from connectors import models as c
from connectors.selectors.stores import list_stores
from connectors.services.dirty import DirtyMark, mark_dirty_days
from connectors.types import Family
from kpis.selectors.measures import list_window_sums
from kpis.services.rollup import roll_up
from tests.kpis.world import FIRST, LAST, World, days

ROUNDS, WINDOWS = 20, 500
MEASURES = ("gmv_ordered", "live_sales", "units", "orders", "refunds", "storage_fees")

_RAW = """
with w as (
  select * from unnest(%(stores)s::bigint[], %(starts)s::date[], %(ends)s::date[])
    with ordinality as w(store_id, starts_on, ends_on, n))
select w.n,
  (select sum(gross_amount - tax_amount) from fact_order_line l where l.store_id = w.store_id
   and l.business_on between w.starts_on and w.ends_on and not is_replacement),
  (select sum(gross_amount - tax_amount - discount_amount - points_amount) from fact_order_line l
   where l.store_id = w.store_id and l.business_on between w.starts_on and w.ends_on
   and not is_replacement and status <> 'cancelled'),
  (select sum(quantity) from fact_order_line l where l.store_id = w.store_id
   and l.business_on between w.starts_on and w.ends_on and not is_replacement and status <> 'cancelled'),
  (select count(distinct platform_order_id) from fact_order_line l where l.store_id = w.store_id
   and l.business_on between w.starts_on and w.ends_on and not is_replacement and status <> 'cancelled'),
  (select sum(amount) from fact_charge f where f.store_id = w.store_id and kind = 'refund'
   and coalesce(cohort_on, business_on) between w.starts_on and w.ends_on),
  (select -sum(amount) from fact_charge f where f.store_id = w.store_id
   and kind in ('storage_fee', 'aged_storage_fee') and business_on between w.starts_on and w.ends_on)
from w order by w.n"""


def _days_of(charge: c.Charge) -> set[tuple[int, date, Family]]:
    found = (charge.business_on, charge.cohort_on)
    return {(charge.store_id, day, Family.CHARGES) for day in found if day}


def edit(rng: random.Random) -> None:
    """One late edit, marked as the ingest would: a price, a cancellation, a removed line, a moved charge."""
    line = rng.choice(list(c.OrderLine.objects.all()))
    marks = {(line.store_id, line.business_on, Family.ORDERS)}
    kind = rng.randrange(4)
    if kind == 0:
        line.gross_amount += Decimal(rng.randint(-500, 500)) / 100
        line.save()
    elif kind == 1:
        line.status, line.quantity = "cancelled", 0
        line.save()
    elif kind == 2:
        line.delete()
    else:
        charge = rng.choice(list(c.Charge.objects.all()))
        marks = {
            (charge.store_id, day, Family.CHARGES) for day in (charge.business_on, charge.cohort_on) if day
        }
        charge.business_on = rng.choice(days())
        charge.cohort_on = rng.choice([None, rng.choice(days())])
        charge.save()
        marks |= {
            (charge.store_id, day, Family.CHARGES) for day in (charge.business_on, charge.cohort_on) if day
        }
    mark_dirty_days(DirtyMark(*mark) for mark in marks)


def _windows(rng: random.Random, stores: list[int]) -> list[tuple[int, date, date]]:
    found = []
    for _ in range(WINDOWS):
        start = rng.choice(days(FIRST - timedelta(days=5), LAST))
        found.append((rng.choice(stores), start, start + timedelta(days=rng.choice([0, 1, 6, 13, 29, 40]))))
    return found


def _shown(value: Any, unit: str, currency: str) -> Decimal:
    places = exponent(currency) if unit == "money" else 0
    return Decimal(value or 0).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


@pytest.mark.django_db
def test_any_window_equals_the_raw_facts_after_late_edits(rolled: World) -> None:
    """10,000 random (store, window)s between 100 late edits: every sum is that of the facts, to the cent."""
    rng = random.Random(9)
    currencies = {store.id: store.currency for store in list_stores()}
    compared = 0
    for _ in range(ROUNDS):
        for _ in range(5):
            edit(rng)
        while roll_up().claimed:
            pass
        asked = _windows(rng, list(rolled.stores.values()))
        with connection.cursor() as cursor:
            cursor.execute(
                _RAW,
                dict(zip(("stores", "starts", "ends"), map(list, zip(*asked, strict=True)), strict=True)),
            )
            truth = cursor.fetchall()
        sums = list_window_sums(list(currencies), [(start, end) for _, start, end in asked], MEASURES)
        for (store_id, *_), (_, *raw), found in zip(asked, truth, sums, strict=True):
            totals = found[store_id].totals if store_id in found else {}
            for key, expected in zip(MEASURES, raw, strict=True):
                unit = "count" if key in ("units", "orders") else "money"
                value = totals[key].value if key in totals else 0
                shown = [_shown(number, unit, currencies[store_id]) for number in (value, expected)]
                assert shown[0] == shown[1], (key, store_id)
            compared += 1
    assert compared == 10_000
