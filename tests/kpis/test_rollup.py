"""The roll-up: any split of dirty days in any order equals a full recompute; nothing is written twice; the
past stays readable; roll-ups exclude each other."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections, transaction

from config.lib.calendars import Period
from connectors import models as c
from connectors.services.dirty import DirtyMark, mark_dirty_days
from connectors.types import Family
from kpis.catalog import MEASURES, SOURCES
from kpis.engine.totals import StoreTotals
from kpis.models import DailyMeasure, PeriodTotals, RollupBatch
from kpis.selectors.measures import list_period_sums, list_window_sums
from kpis.services.rollup import RollupRunning, recompute_days, refresh_rates, roll_up
from tenants.context import use_public, use_tenant
from tenants.ledger.models import OutboxEvent
from tenants.models import FXRate
from tenants.types import ClientRef
from tests.kpis.world import FAMILIES, FIRST, LAST, Facts, World, at, days, make_rates, make_store
from tests.kpis.world_costs import make_sheet

WEEK = Period.parse("2026-W30")


def open_rows() -> set[tuple[Any, ...]]:
    """What is known now, without when and by which batch it became known."""
    rows = DailyMeasure.objects.filter(known_to=None).values_list(
        "store_id", "business_on", "measure", "currency", "value", "reporting_value", "rate_on", "why_missing"
    )
    return set(rows)


def kept_totals() -> set[tuple[Any, ...]]:
    """The period totals without their batch."""
    rows = PeriodTotals.objects.values_list("store_id", "kind", "starts_on", "totals", "rates")
    return {
        (store, kind, start, str(sorted(totals.items())), str(rates))
        for store, kind, start, totals, rates in rows
    }


def mark(store_id: int, *changed: date, family: Family = Family.ORDERS) -> None:
    """Say that days of a family are out of date."""
    mark_dirty_days(DirtyMark(store_id, day, family) for day in changed)


def drain(limit: int) -> int:
    """Roll up until nothing is dirty; returns how many steps that took."""
    steps = 0
    while roll_up(limit=limit).claimed:
        steps += 1
    return steps


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limit", [7, 5000])
def test_any_split_in_any_order_equals_a_full_recompute(world: World, seed: int, limit: int) -> None:
    """Days may become dirty family by family, in any order, and be taken in steps of any size."""
    rng = random.Random(seed)
    every = [(store, day) for store in world.stores.values() for day in days()]
    marks = [DirtyMark(store, day, family) for store, day in every for family in FAMILIES]
    rng.shuffle(marks)
    if limit < 100:
        # The smallest step is slow over everything: one store and one week prove the same.
        marks = [m for m in marks if m.store_id == world.stores["JP"] and m.business_on in WEEK]
        every = sorted({(m.store_id, m.business_on) for m in marks})
    while marks:
        size = rng.randint(1, len(marks))
        mark_dirty_days(marks[:size])
        del marks[:size]
        drain(limit)
    stepwise, totals = open_rows(), kept_totals()
    DailyMeasure.objects.all().delete()
    PeriodTotals.objects.all().delete()
    recompute_days(days=every)
    assert stepwise == open_rows() != set()
    assert totals == kept_totals()


def test_rolling_up_twice_writes_nothing(rolled: World) -> None:
    """The same facts again: no row, no batch, no event, no audit entry, and the day is clean afterwards."""
    before = (DailyMeasure.objects.count(), RollupBatch.objects.count(), OutboxEvent.objects.count())
    written = _tuples_written()
    for store_id in rolled.stores.values():
        mark(store_id, *days())
    assert drain(5000) == 1
    assert (DailyMeasure.objects.count(), RollupBatch.objects.count(), OutboxEvent.objects.count()) == before
    assert _tuples_written() == written
    assert not c.DirtyDay.objects.exists()


def _tuples_written() -> list[tuple[Any, ...]]:
    """Inserts, updates and deletes of this transaction on the tables of the roll-up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, n_tup_ins, n_tup_upd, n_tup_del from pg_stat_xact_user_tables "
            "where relname in ('kpis_daily_measure', 'kpis_period_totals') order by relname"
        )
        return list(cursor.fetchall())


TRAILING = {key for key, measure in MEASURES.items() if SOURCES[measure.source].trailing_days}


def test_a_late_edit_restates_only_its_day(rolled: World) -> None:
    """A price corrected later closes and opens rows of that store and day alone, and only what changed; what
    looks back changes on the later ends of weeks and months, and on the latest day."""
    store_id = rolled.stores["US"]
    line = (
        c.OrderLine.objects.filter(store_id=store_id, is_replacement=False)
        .exclude(status="cancelled")
        .first()
    )
    assert line is not None
    day = line.business_on
    before = open_rows()
    line.gross_amount += 10
    line.save()
    mark(store_id, day)
    result = roll_up()
    changed = before ^ open_rows()
    daily = {row for row in changed if row[2] not in TRAILING}
    assert {(row[0], row[1]) for row in daily} == {(store_id, day)}
    assert {row[2] for row in daily} == {"gmv_ordered", "live_sales"}
    ends = {d for d in days() if d >= day and (d.isoweekday() == 7 or d == date(2026, 7, 31))}
    later = changed - daily
    assert {(row[0], row[1]) for row in later} <= {(store_id, end) for end in ends}
    assert "year_net_sales" in {row[2] for row in later}
    assert result.opened == result.closed == len(changed) / 2


def test_a_day_that_lost_its_facts_closes_its_rows(rolled: World) -> None:
    """Rows whose facts are gone are closed without a successor, and the period no longer counts them."""
    store_id, day = rolled.stores["US"], FIRST
    c.TrafficDay.objects.filter(store_id=store_id, business_on=day).delete()
    mark(store_id, day, family=Family.TRAFFIC)
    result = roll_up()
    opened = DailyMeasure.objects.filter(batch=result.batch).values_list("measure", flat=True)
    assert set(opened) <= TRAILING
    assert result.closed >= 3
    assert not DailyMeasure.objects.filter(
        store_id=store_id, business_on=day, measure="sessions", known_to=None
    ).exists()
    assert DailyMeasure.objects.filter(store_id=store_id, business_on=day, measure="sessions").exists()


def test_what_was_known_stays_readable(rolled: World) -> None:
    """After any number of edits, every former state is read back exactly as it was."""
    store_id = rolled.stores["MX"]
    states: list[tuple[Any, dict[int, StoreTotals]]] = []
    for n in range(3):
        with connection.cursor() as cursor:
            cursor.execute("select clock_timestamp()")
            moment = cursor.fetchone()[0]
        states.append((moment, list_period_sums([store_id], [WEEK])[0]))
        lines = c.OrderLine.objects.filter(store_id=store_id, business_on__in=list(WEEK.days()))
        for line in lines:
            line.quantity += n + 1
            line.save()
        mark(store_id, *WEEK.days())
        assert roll_up().opened > 0
    for moment, known in states:
        again = list_period_sums([store_id], [WEEK], as_known_at=moment)[0]
        assert again[store_id].totals == known[store_id].totals
    values = {known[store_id].totals["units"].value for _, known in states}
    assert len(values) == 3


def test_kept_totals_equal_sums_over_days(rolled: World) -> None:
    """Weeks and months that scorecards read are the daily rows added up."""
    stores = list(rolled.stores.values())
    for period in (WEEK, Period.parse("2026-07"), Period.parse("2026-08")):
        kept = list_period_sums(stores, [period])[0]
        measures = {key for totals in kept.values() for key in totals.totals}
        summed = list_window_sums(stores, [(period.start, period.end)], measures)[0]
        assert {k: v.totals for k, v in kept.items()} == {k: v.totals for k, v in summed.items()}
        assert {k: v.last_rate_on for k, v in kept.items()} == {k: v.last_rate_on for k, v in summed.items()}


def test_the_planner_is_left_as_it_was(rolled: World) -> None:
    """Nested loops are off for the roll-up alone."""
    with connection.cursor() as cursor:
        cursor.execute("show enable_nestloop")
        assert cursor.fetchone() == ("on",)


def test_every_source_reaches_its_facts_by_index_conditions() -> None:
    """A source that only joins `day` would read its whole table with nested loops off."""
    for source in SOURCES.values():
        if source.key != "exchange":
            assert "%(store_set)s" in source.rows, source.key
            if source.trailing_days:
                assert "from seen" in source.rows or "from day" in source.rows, source.key
            else:
                assert source.rows.count("%(store_set)s") == source.rows.count("%(day_set)s"), source.key


def test_weeks_that_start_on_another_day_are_made_anew(rolled: World, in_acme: ClientRef) -> None:
    """After the client moved its week to Sunday, weeks of the old kind are never read."""
    stores = list(rolled.stores.values())
    sundays = Period.parse("2026-W30", week_start=7)
    direct = list_window_sums(stores, [(sundays.start, sundays.end)], MEASURES)[0]
    assert {k: v.totals for k, v in list_period_sums(stores, [sundays])[0].items()} == {
        k: v.totals for k, v in direct.items()
    }
    with use_tenant(replace(in_acme, week_start=7)):
        c.TrafficDay.objects.filter(store_id=stores[0], business_on=FIRST).delete()
        mark(stores[0], FIRST, family=Family.TRAFFIC)
        roll_up()
        starts = set(PeriodTotals.objects.filter(kind="week").values_list("starts_on", flat=True))
        assert {start.isoweekday() for start in starts} == {7}
        assert len(starts) == 5
        kept = list_period_sums(stores, [sundays])[0]
        now = list_window_sums(stores, [(sundays.start, sundays.end)], MEASURES)[0]
    assert {k: v.totals for k, v in kept.items()} == {k: v.totals for k, v in now.items()}
    for store, former in direct.items():
        daily = {key: total for key, total in former.totals.items() if key not in TRAILING}
        assert {key: kept[store].totals[key] for key in daily} == daily
        # What looks back was computed for the Saturday on which the week ends now.
        assert kept[store].totals["year_net_sales"] != former.totals["year_net_sales"]


def test_orders_count_once_however_many_lines(in_acme: ClientRef) -> None:
    """Two lines of one order are one order; a cancelled or replaced one is none."""
    make_rates()
    store_id = make_store("US")
    facts = Facts(random.Random(3), store_id, "US")
    live = {"status": "shipped", "quantity": 1, "is_replacement": False, "sku": "MUG"}
    c.OrderLine.objects.bulk_create(
        [
            facts.order_line("A", "1", FIRST, **live),
            facts.order_line("A", "2", FIRST, **live),
            facts.order_line("B", "1", FIRST, **{**live, "is_replacement": True}),
            facts.order_line("C", "1", FIRST, **{**live, "status": "cancelled", "quantity": 0}),
        ]
    )
    recompute_days(days=[(store_id, FIRST)])
    totals = list_window_sums([store_id], [(FIRST, FIRST)], ["orders", "units"])[0][store_id].totals
    assert [totals["orders"].value, totals["units"].value] == [Decimal(1), Decimal(2)]


def test_a_missing_rate_is_told_and_mended_later(in_acme: ClientRef) -> None:
    """Without a rate the native amount stays and the reporting amount is null; a later import mends it."""
    store_id = make_store("JP")
    facts = Facts(random.Random(3), store_id, "JP")
    c.OrderLine.objects.bulk_create(
        [facts.order_line("A", "1", FIRST, status="shipped", quantity=1, is_replacement=False, sku="X")]
    )
    recompute_days(days=[(store_id, FIRST)])
    row = DailyMeasure.objects.get(measure="gmv_ordered", known_to=None)
    assert (row.value is not None, row.reporting_value, row.why_missing) == (True, None, "fx_missing")
    make_rates()
    FXRateAge.later()
    assert refresh_rates().opened > 0
    mended = DailyMeasure.objects.get(measure="gmv_ordered", known_to=None)
    assert mended.reporting_value is not None
    assert mended.rate_on == FIRST
    assert mended.why_missing == ""
    assert refresh_rates().days == 0


class FXRateAge:
    """Rates of this test are fetched by the transaction's clock, which stands still: move them on."""

    @staticmethod
    def later() -> None:
        with use_public():
            FXRate.objects.update(fetched_at=at(LAST + timedelta(days=400)))


def test_weekend_days_are_converted_anew_when_their_rate_appears(in_acme: ClientRef) -> None:
    """Friday's rate serves until a rate of the day itself is published, and not after."""
    store_id = make_store("JP")
    friday = date(2026, 7, 17)
    with use_public():
        for currency, rate in (("JPY", "170"), ("USD", "1")):
            FXRate.objects.create(currency=currency, rate_on=friday, per_eur=Decimal(rate))
    facts = Facts(random.Random(3), store_id, "JP")
    monday = friday + timedelta(days=3)
    c.OrderLine.objects.bulk_create(
        [facts.order_line("A", "1", monday, status="shipped", quantity=1, is_replacement=False, sku="X")]
    )
    recompute_days(days=[(store_id, monday)])
    assert DailyMeasure.objects.get(measure="gmv_ordered", known_to=None).rate_on == friday
    with use_public():
        for currency, rate in (("JPY", "160"), ("USD", "1")):
            FXRate.objects.create(currency=currency, rate_on=monday, per_eur=Decimal(rate))
    refresh_rates()
    row = DailyMeasure.objects.get(measure="gmv_ordered", known_to=None)
    assert row.rate_on == monday
    assert row.value is not None
    assert row.reporting_value == round(row.value / 160, 10)


def test_cost_sheets_by_date_market_and_version(in_acme: ClientRef) -> None:
    """The market's own sheet goes first, then the latest date, then the highest version; euros too."""
    make_rates()
    store_id = make_store("US")
    make_sheet("MUG", "", FIRST, 1, purchase=Decimal(5), currency="USD")
    make_sheet("MUG", "", FIRST + timedelta(days=1), 1, purchase=Decimal(6), currency="USD")
    make_sheet("MUG", "", FIRST + timedelta(days=1), 2, purchase=Decimal(7), currency="USD")
    make_sheet("MUG", "US", FIRST + timedelta(days=2), 1, purchase=Decimal(1), currency="EUR")
    facts = Facts(random.Random(3), store_id, "US")
    live = {"status": "shipped", "quantity": 2, "is_replacement": False, "sku": "MUG"}
    c.OrderLine.objects.bulk_create(
        facts.order_line(str(n), "1", FIRST + timedelta(days=n - 1), **live) for n in range(4)
    )
    every = [FIRST + timedelta(days=n) for n in (-1, 0, 1, 2)]
    recompute_days(days=[(store_id, day) for day in every])
    rows = DailyMeasure.objects.filter(measure="cogs_sold", known_to=None).values_list("business_on", "value")
    costs = dict(rows)
    with use_public():
        euro = FXRate.objects.get(currency="USD", rate_on=every[3]).per_eur
    assert every[0] not in costs  # no sheet yet: unknown, not zero
    assert costs[every[1]] == Decimal("12.50")
    assert costs[every[2]] == Decimal("16.50")
    assert costs[every[3]] == 2 * (euro + Decimal("1.25"))


@pytest.mark.usefixtures("committed_db")
def test_concurrent_rollups_exclude_each_other(acme: ClientRef) -> None:
    """Two at once end with the state of one: no double open row, every day clean, the second may not wait."""
    with use_tenant(acme):
        store_id = make_store("US")
        facts = Facts(random.Random(5), store_id, "US")
        c.OrderLine.objects.bulk_create(facts.order_lines())
        mark(store_id, *days())
    refused = []
    with use_tenant(acme), transaction.atomic():
        roll_up(limit=3)

        def hurried() -> None:
            try:
                with use_tenant(acme):
                    roll_up(wait=False)
            except RollupRunning as error:
                refused.append(error)
            finally:
                connections.close_all()

        thread = threading.Thread(target=hurried)
        thread.start()
        # Without the lock it would wait for our rows: let it fail instead of hanging.
        thread.join(timeout=10)
    thread.join()
    assert len(refused) == 1

    def patient() -> None:
        with use_tenant(acme):
            drain(limit=4)
        connections.close_all()

    threads = [threading.Thread(target=patient) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with use_tenant(acme):
        stepwise = open_rows()
        assert not c.DirtyDay.objects.exists()
        batches = list(RollupBatch.objects.order_by("number").values_list("rolled_up_at", flat=True))
        assert batches == sorted(batches)
        assert recompute_days(days=[(store_id, day) for day in days()]).opened == 0
        assert stepwise == open_rows() != set()


def test_a_day_marked_again_meanwhile_stays_dirty(rolled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts that arrive while a roll-up computes are not lost: their day is dirty with a new generation."""
    from kpis.services import rollup

    store_id = rolled.stores["US"]
    mark(store_id, FIRST)
    compute = rollup._compute

    def slow(*args: Any) -> None:
        compute(*args)
        mark(store_id, FIRST)

    monkeypatch.setattr(rollup, "_compute", slow)
    roll_up()
    assert c.DirtyDay.objects.filter(store_id=store_id, business_on=FIRST).exists()


def test_clients_do_not_meet(world: World, globex: ClientRef) -> None:
    """Rolling up one client leaves the other's tables empty, although the stores have the same ids."""
    recompute_days(days=[(store, FIRST) for store in world.stores.values()])
    with use_tenant(globex):
        make_store("US")
        assert not DailyMeasure.objects.exists()
        assert list_period_sums([world.stores["US"]], [WEEK]) == [{}]
