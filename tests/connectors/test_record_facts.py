"""Do facts from uploads, forms and upper apps reach the tables, the roll-up and the coverage in one way?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from config.lib import clock
from config.lib.errors import Invalid, NotFound
from connectors.facts.orders import OrderLine
from connectors.facts.voices import Review
from connectors.models import DirtyDay, StreamCursor, SyncRun
from connectors.records import EvidenceRecord, ReviewRecord
from connectors.services.record_facts import preview_facts, record_facts
from connectors.services.tables import TABLES, TableSpec
from connectors.types import StoreRef
from tests.connectors.fakes import DAY, at, order_line
from tests.connectors.test_every_table import sample

COVERED = (DAY - timedelta(days=6), DAY)


def review(key: str, rating: int = 5, *, hour: int = 12) -> ReviewRecord:
    """A review of the day."""
    return ReviewRecord(key, "P", "SKU-1", DAY, rating, at(DAY, hour))


def record(store: StoreRef, *records: Any, dataset: str = "reviews", covered: Any = COVERED) -> Any:
    """Record as an upload does."""
    return record_facts(
        store_id=store.id, records=records, dataset=dataset, covered=covered, source="test", upload_id=7
    )


def test_facts_are_counted_by_what_became_of_them(store: StoreRef) -> None:
    """New, different and equal ones are told apart, and only days with a difference become dirty."""
    first = record(store, review("a"), review("b"))
    assert (first.inserted, first.changed, first.unchanged) == (2, 0, 0)
    assert set(DirtyDay.objects.values_list("family", "business_on")) == {("reviews", DAY)}
    DirtyDay.objects.all().delete()
    again = record(store, review("a", hour=20), review("b", 1, hour=20), review("c"))
    assert (again.inserted, again.changed, again.unchanged, again.days) == (1, 1, 1, (DAY,))
    DirtyDay.objects.all().delete()
    assert record(store, review("a"), review("b", 1, hour=21)).unchanged == 2
    assert not DirtyDay.objects.exists()


def test_every_fact_knows_where_it_came_from(store: StoreRef) -> None:
    """The run of a hand-in is no run of the stream, and the audit entry names source and upload."""
    result = record(store, review("a"))
    run = SyncRun.objects.get(pk=result.run_id)
    assert (run.stream, run.state, run.rows_written) == ("upload.reviews", "succeeded", 1)
    assert Review.objects.get().run_id == run.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT after FROM ledger_auditentry WHERE verb = 'facts.recorded'")
        ((after,),) = cursor.fetchall()
    assert "test" in str(after)
    assert "7" in str(after)


def test_coverage_grows_and_never_reaches_past_now(store: StoreRef) -> None:
    """Two hand-ins of neighbouring weeks are one interval; the data is as old as its last day's end."""
    record(store, review("a"))
    record(store, covered=(DAY + timedelta(days=1), DAY + timedelta(days=7)))
    row = StreamCursor.objects.get(stream="reviews")
    assert (row.covered_from, row.covered_through) == (COVERED[0], DAY + timedelta(days=7))
    assert row.data_as_of is not None
    assert row.data_as_of <= clock.now()
    record(store, covered=(clock.today("UTC"), clock.today("UTC") + timedelta(days=30)))
    row.refresh_from_db()
    assert row.data_as_of <= clock.now()


def test_no_coverage_is_claimed_without_being_told(store: StoreRef) -> None:
    """One event that is noted says nothing about the other days."""
    record(store, review("a"), covered=None)
    assert not StreamCursor.objects.exists()


def test_a_platforms_stream_keeps_its_cursor_and_its_turn(store: StoreRef) -> None:
    """A file may fill a stream's gap, but the next sync goes on from where it stood."""
    StreamCursor.objects.create(
        store_id=store.id, connection_id=store.connection_id, stream="orders", cursor={"token": 9}
    )
    record(store, order_line(), dataset="orders")
    row = StreamCursor.objects.get(stream="orders")
    assert (row.cursor, row.last_success_at, row.covered_through) == ({"token": 9}, None, DAY)


def test_an_order_is_replaced_as_a_whole(store: StoreRef) -> None:
    """A line that a newer file does not hold any more is deleted; an equal file touches nothing."""
    record(store, order_line("O", "1"), order_line("O", "2"), dataset="orders")
    result = record(store, order_line("O", "1", version=1), dataset="orders")
    assert (result.removed, OrderLine.objects.count()) == (1, 1)
    again = record(store, order_line("O", "1", version=2), dataset="orders")
    assert (again.unchanged, again.removed, again.inserted) == (1, 0, 0)


def test_evidence_is_known_by_its_metric_until_it_expires(store: StoreRef) -> None:
    """One stream per metric, covering the month of the check up to the expiry."""
    check = EvidenceRecord(
        metric="language_accuracy",
        subject="SKU-1",
        observed_on=date(2026, 8, 12),
        numerator=Decimal(48),
        denominator=Decimal(50),
        rater="7",
        attachment_sha256="",
        expires_on=date(2026, 11, 1),
        source_updated_at=at(date(2026, 8, 12)),
    )
    record(store, check, dataset="evidence", covered=None)
    row = StreamCursor.objects.get(stream="evidence.language_accuracy")
    assert (row.covered_from, row.covered_through) == (date(2026, 8, 1), date(2026, 11, 1))
    assert row.cursor == {"expires_on": "2026-11-01"}


def test_what_fits_no_column_is_refused_whole(store: StoreRef) -> None:
    """Nothing of the batch is stored."""
    with pytest.raises(Invalid):
        record(store, review("a"), review("b" * 500))
    assert not Review.objects.exists()
    with pytest.raises(NotFound):
        record(replace(store, id=999), review("a"))


@pytest.mark.parametrize("spec", TABLES.values(), ids=lambda spec: spec.table)
def test_every_table_is_compared_by_its_own_columns(store: StoreRef, spec: TableSpec) -> None:
    """A record read back equals itself, whatever its types; the preview says so without writing."""
    records = [sample(spec.record, 1), sample(spec.record, 2, nothing=True)]
    foretold = preview_facts(store_id=store.id, records=records)
    assert not spec.model.objects.exists()
    done = record(store, *records, dataset="some")
    assert (done.inserted, done.days or spec.days) == (2, done.days or ())
    assert foretold.inserted == 2
    again = preview_facts(store_id=store.id, records=records)
    assert (again.inserted, again.changed, again.unchanged) == (0, 0, 2)
