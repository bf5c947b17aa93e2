"""Is a fact whose platform names no time of change written only when it changed, and is the newest kept?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.facts.charges import Charge
from connectors.facts.inventory import InventoryDay
from connectors.models import DirtyDay
from connectors.services.cursors import ensure_cursor
from connectors.services.ingest import store_page
from connectors.services.runs import RunRef, open_run
from connectors.services.sync import start_sync
from connectors.types import InventoryDayRecord, StoreRef
from tenants.services.jobs import claim_job
from tenants.tasking import LeaseLost
from tests.connectors.fakes import DAY, at, charge, page_of

MIDNIGHT = at(DAY + timedelta(days=1), 0)


def begin(store: StoreRef, stream: str) -> RunRef:
    """A run of any stream of the shop, its cursor ready."""
    opened = open_run(store=store, stream=stream, connection_id=store.connection_id, job_id=None)
    ensure_cursor(run=opened)
    return opened


def stock(units: int, seen_at: datetime) -> InventoryDayRecord:
    """The shop's stock of one SKU on `DAY`."""
    return InventoryDayRecord("SKU-1", "P-1", DAY, units, 0, 0, 0, seen_at)


def keep(run: RunRef, *records: Any) -> int:
    """Store a page; returns how many rows that wrote."""
    return store_page(run=run, page=page_of(*records)).rows_written


def traces(table: str) -> list[tuple[Any, ...]]:
    """What any rewriting of rows would change."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ctid::text, xmin::text, xmax::text FROM {table} ORDER BY id")
        return cursor.fetchall()


@pytest.mark.parametrize("is_new_run", [False, True], ids=["same run", "next run"])
def test_a_later_look_at_the_same_writes_nothing(store: StoreRef, is_new_run: bool) -> None:
    """Neither row nor dirty day, and the row keeps the time its content was first seen."""
    run = begin(store, "finances")
    keep(run, charge("T-1"), charge("T-2"))
    before = traces("fact_charge")
    DirtyDay.objects.all().delete()
    if is_new_run:
        run = begin(store, "finances")
    outcome = store_page(run=run, page=page_of(charge("T-1", version=5), charge("T-2", version=5)))
    assert (outcome.rows_written, outcome.rows_unchanged, outcome.dirty_days) == (0, 2, 0)
    assert traces("fact_charge") == before
    assert set(Charge.objects.values_list("source_updated_at", flat=True)) == {at(DAY)}
    assert not DirtyDay.objects.exists()


def test_only_the_changed_rows_of_a_later_look_are_written(store: StoreRef) -> None:
    """A page with one change among many rewrites one row."""
    run = begin(store, "finances")
    keep(run, *(charge(f"T-{n}") for n in range(9)))
    later = [charge(f"T-{n}", version=1, amount="-2.00" if n == 4 else "-1.50") for n in range(9)]
    assert keep(run, *later) == 1
    assert keep(run, *(replace(row, source_updated_at=at(DAY, 20)) for row in later)) == 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.sampled_from(["-1.00", "-2.00"]), min_size=1, max_size=8))
def test_looks_in_order_write_once_per_change_and_end_with_the_last(
    store: StoreRef, amounts: list[str]
) -> None:
    """Back to an earlier content counts as a change like any other."""
    Charge.objects.all().delete()
    run = begin(store, "finances")
    written = [keep(run, charge(amount=amount, version=version)) for version, amount in enumerate(amounts)]
    changed = [True, *(one != other for one, other in pairwise(amounts))]
    assert written == [int(change) for change in changed]
    assert str(Charge.objects.values_list("amount", flat=True).get()).startswith(amounts[-1])


def test_an_older_look_loses_against_a_newer_one(store: StoreRef) -> None:
    """Whatever it says, and by whichever stream."""
    keep(begin(store, "inventory"), stock(5, at(DAY, 20)))
    for stream in ("inventory", "inventory_ledger"):
        assert keep(begin(store, stream), stock(9, at(DAY, 19))) == 0
    assert InventoryDay.objects.get().fulfillable == 5


def test_a_summary_that_comes_after_the_ledger_of_its_day_loses(store: StoreRef) -> None:
    """Although the ledger only confirmed an earlier summary: the row then speaks for the day's end.

    Without that the late summary would lie behind the row's own time and overwrite it.
    """
    keep(begin(store, "inventory"), stock(5, at(DAY, 18)))
    assert keep(begin(store, "inventory_ledger"), stock(5, MIDNIGHT)) == 1
    assert keep(begin(store, "inventory"), stock(9, at(DAY, 23))) == 0
    assert keep(begin(store, "inventory_ledger"), stock(5, MIDNIGHT + timedelta(days=1))) == 0
    assert keep(begin(store, "inventory"), stock(9, at(DAY, 23))) == 0
    assert InventoryDay.objects.values_list("fulfillable", "source_updated_at").get() == (5, MIDNIGHT)


def test_a_look_cannot_come_late_within_its_stream(store: StoreRef) -> None:
    """The one way an older, different content could win: a worker whose stream another one has taken over.

    It read -9.00 between the first look and the confirmation that was not written; its page is refused.
    """
    job = start_sync(store_id=store.id, stream_key="orders")
    old = claim_job(job.id, lease=timedelta(minutes=1))
    assert old is not None
    run = open_run(store=store, stream="orders", connection_id=store.connection_id, job_id=job.id)
    ensure_cursor(run=run)
    store_page(run=run, page=page_of(charge()), job=old)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_job SET leased_until = clock_timestamp() - interval '1 s'")
    new = claim_job(job.id, lease=timedelta(minutes=1))
    assert new is not None
    assert store_page(run=run, page=page_of(charge(version=3)), job=new).rows_written == 0
    with pytest.raises(LeaseLost):
        store_page(run=run, page=page_of(charge(version=2, amount="-9.00")), job=old)
    assert str(Charge.objects.get().amount) == "-1.5000"
