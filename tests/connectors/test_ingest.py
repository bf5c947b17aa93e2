"""Does a stored page become exactly the facts it holds, once, whatever the order and repetition of pages?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.engine.protocol import Page
from connectors.facts.charges import Charge
from connectors.facts.orders import OrderLine
from connectors.facts.returns import Return
from connectors.models import DirtyDay, RawPage, RejectedRecord, StreamCursor, SyncRun
from connectors.services.ingest import store_page
from connectors.services.runs import RunRef
from connectors.types import OrderStatus, RejectedRow
from tests.connectors.fakes import DAY, at, charge, order_line, page_of, returned

LATER = DAY + timedelta(days=3)


def lines() -> list[tuple[Any, ...]]:
    """The stored order lines, as they count."""
    return list(
        OrderLine.objects.order_by("platform_order_id", "line_no").values_list(
            "platform_order_id", "line_no", "quantity", "gross_amount", "source_updated_at"
        )
    )


def dirty() -> set[tuple[str, Any]]:
    """The dirty days, by family."""
    return set(DirtyDay.objects.values_list("family", "business_on"))


def test_first_page_is_stored_whole(run: RunRef) -> None:
    """Every column of a record arrives, raw page, counts, cursor, coverage and dirty day with it."""
    page = page_of(
        order_line("O-1", "1", sku="A", gross="12.34"),
        order_line("O-2", "1", sku="B", status=OrderStatus.CANCELLED, quantity=0),
        cursor={"token": 7},
        covered_from=DAY,
        covered_through=DAY,
        data_as_of=at(DAY),
        raw=b'{"orders": []}',
        raw_type="application/json",
    )
    outcome = store_page(run=run, page=page)
    assert (outcome.page_no, outcome.rows_read, outcome.rows_written, outcome.rows_unchanged) == (1, 2, 2, 0)
    stored = OrderLine.objects.get(platform_order_id="O-1")
    record = page.records[0]
    for name in record.__dataclass_fields__:
        assert getattr(stored, name) == getattr(record, name), name
    assert (stored.store_id, stored.run_id) == (run.store.id, run.id)
    cursor = StreamCursor.objects.get()
    assert (cursor.cursor, cursor.covered_from, cursor.covered_through) == ({"token": 7}, DAY, DAY)
    assert cursor.data_as_of == at(DAY)
    assert dirty() == {("orders", DAY)}
    assert RawPage.objects.get().page_no == 1
    assert SyncRun.objects.values_list("pages", "rows_read", "rows_written").get() == (1, 2, 2)


def test_unchanged_page_writes_nothing(run: RunRef) -> None:
    """A page delivered again touches no row, not even its provenance, and dirties no day (P4)."""
    page = page_of(order_line("O-1"), order_line("O-2"))
    store_page(run=run, page=page)
    before = list(OrderLine.objects.order_by("id").values())
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, xmin::text, xmax::text FROM fact_order_line ORDER BY id")
        versions = cursor.fetchall()
        DirtyDay.objects.all().delete()
        outcome = store_page(run=run, page=page)
        cursor.execute("SELECT id, xmin::text, xmax::text FROM fact_order_line ORDER BY id")
        assert cursor.fetchall() == versions
    assert (outcome.rows_written, outcome.rows_unchanged, outcome.dirty_days) == (0, 2, 0)
    assert list(OrderLine.objects.order_by("id").values()) == before
    assert dirty() == set()


def test_newer_version_wins_and_older_one_loses(run: RunRef) -> None:
    """`source_updated_at` decides, not the order of arrival."""
    store_page(run=run, page=page_of(order_line(version=2, gross="20.00")))
    store_page(run=run, page=page_of(order_line(version=1, gross="15.00")))
    assert lines()[0][3] == Decimal("20.00")
    store_page(run=run, page=page_of(order_line(version=3, gross="30.00")))
    assert lines()[0][3] == Decimal("30.00")


def test_a_newer_version_without_a_difference_dirties_no_day(run: RunRef) -> None:
    """The version moves on, so that an older one still loses, but no measure has to be computed anew."""
    store_page(run=run, page=page_of(order_line(version=1)))
    DirtyDay.objects.all().delete()
    outcome = store_page(run=run, page=page_of(order_line(version=3)))
    assert (outcome.rows_written, dirty()) == (1, set())
    store_page(run=run, page=page_of(order_line(version=2, gross="99.00")))
    assert lines()[0][3] == Decimal("10.00")


def test_moved_day_dirties_the_old_and_the_new_day(run: RunRef) -> None:
    """A line that changes its shop day is taken from the one and added to the other."""
    store_page(run=run, page=page_of(charge(day=DAY)))
    DirtyDay.objects.all().delete()
    store_page(run=run, page=page_of(charge(day=LATER)))
    assert dirty() == {("charges", DAY), ("charges", LATER)}


def test_a_row_twice_in_a_page_counts_once(run: RunRef) -> None:
    """Of duplicates the newest version wins, of the same version the last."""
    outcome = store_page(
        run=run,
        page=page_of(
            order_line(version=2, gross="2.00"),
            order_line(version=1, gross="1.00"),
            order_line(version=2, gross="3.00"),
        ),
    )
    assert (outcome.rows_read, outcome.rows_written, outcome.rows_unchanged) == (3, 1, 2)
    assert lines()[0][3] == Decimal("3.00")


def test_a_set_is_replaced_whole(run: RunRef) -> None:
    """A line that a newer page of the order lacks is deleted, and its day is dirty."""
    store_page(run=run, page=page_of(order_line("O-1", "1"), order_line("O-1", "2"), order_line("O-2", "1")))
    DirtyDay.objects.all().delete()
    outcome = store_page(run=run, page=page_of(order_line("O-1", "1", version=1)))
    assert outcome.rows_removed == 1
    assert [line[:2] for line in lines()] == [("O-1", "1"), ("O-2", "1")]
    assert dirty() == {("orders", DAY)}


def test_lines_stay_when_an_order_is_not_replaced(run: RunRef) -> None:
    """An order that a page does not hold completely loses nothing."""
    store_page(run=run, page=page_of(order_line("O-1", "1"), order_line("O-1", "2")))
    store_page(run=run, page=page_of(order_line("O-1", "1", version=1), replaces=()))
    assert len(lines()) == 2


def test_a_set_without_lines_deletes_nothing(run: RunRef) -> None:
    """An order none of whose lines could be read is not taken for an order without lines."""
    store_page(run=run, page=page_of(order_line("O-1", "1")))
    store_page(run=run, page=page_of(replaces=("O-1",)))
    assert len(lines()) == 1


def test_two_streams_of_the_same_orders_do_not_double(run: RunRef) -> None:
    """The API names lines otherwise than the report; the newest of both replaces the other."""
    api = [order_line("O-1", "0501", version=1), order_line("O-1", "0502", sku="B", version=1)]
    report = [order_line("O-1", "SKU-1"), order_line("O-1", "SKU-B", sku="B")]
    for pages in ((api, report), (report, api), (api, report, api, report)):
        OrderLine.objects.all().delete()
        for records in pages:
            store_page(run=run, page=page_of(*records))
        assert [line[1] for line in lines()] == ["0501", "0502"]


def test_the_same_instant_from_two_streams_has_one_outcome(run: RunRef) -> None:
    """Where neither is newer, the greater line number decides, whoever comes last."""
    api, report = [order_line("O-1", "0501")], [order_line("O-1", "SKU-1")]
    for pages in ((api, report), (report, api), (report, api, report, api)):
        OrderLine.objects.all().delete()
        for records in pages:
            store_page(run=run, page=page_of(*records))
        assert [line[1] for line in lines()] == ["SKU-1"]


def test_charge_and_return_find_their_order_in_both_directions(run: RunRef) -> None:
    """The cohort day is the order's day, whether the order came before, after or with them."""
    store_page(run=run, page=page_of(charge("T-1", day=LATER), returned("R-1", day=LATER)))
    assert Charge.objects.get().cohort_on is None
    DirtyDay.objects.all().delete()
    store_page(run=run, page=page_of(order_line("O-1")))
    assert (Charge.objects.get().cohort_on, Return.objects.get().cohort_on) == (DAY, DAY)
    assert {("charges", DAY), ("charges", LATER), ("returns", DAY), ("returns", LATER)} <= dirty()
    store_page(run=run, page=page_of(charge("T-2", day=LATER), returned("R-2", day=LATER)))
    assert Charge.objects.get(transaction_id="T-2").cohort_on == DAY
    assert Return.objects.get(return_key="R-2").cohort_on == DAY
    store_page(run=run, page=page_of(order_line("O-9", day=LATER), charge("T-3", order="O-9", day=LATER)))
    assert Charge.objects.get(transaction_id="T-3").cohort_on == LATER


def test_a_rewritten_charge_keeps_its_cohort(run: RunRef) -> None:
    """A newer version of a charge does not lose the day that was found for it."""
    store_page(run=run, page=page_of(order_line("O-1"), charge("T-1", day=LATER)))
    store_page(run=run, page=page_of(charge("T-1", day=LATER, amount="-2.00", version=1)))
    assert Charge.objects.values_list("amount", "cohort_on").get() == (Decimal("-2.00"), DAY)


ODD = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.one_of(ODD, st.sampled_from(["\x1f", "\x02", "\n", "\r\n", "\\N", "\\.", '"', ""])),
        min_size=1,
        max_size=6,
    )
)
def test_any_text_comes_back_as_it_went_in(run: RunRef, texts: list[str]) -> None:
    """Separators, quotes, line ends and backslashes in a text are text."""
    OrderLine.objects.all().delete()
    records = [order_line(f"O-{index}", sku=text) for index, text in enumerate(texts)]
    store_page(run=run, page=page_of(*records))
    stored = dict(OrderLine.objects.values_list("platform_order_id", "sku"))
    assert stored == {record.platform_order_id: record.sku for record in records}


VERSIONS = st.tuples(st.integers(0, 2), st.integers(0, 3), st.sampled_from(["api", "report"]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=st.lists(VERSIONS, min_size=1, max_size=6), data=st.data())
def test_any_order_and_repetition_of_pages_gives_the_same_facts(
    run: RunRef, seen: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    """At least once and in any order is as good as once and in order."""

    def snapshot(order: int, version: int, source: str) -> Page:
        count = 1 + (order + version) % 3
        names = [f"05{n}" if source == "api" else f"SKU-{n}" for n in range(count)]
        return page_of(
            *(order_line(f"O-{order}", name, version=version, gross=f"{version + 1}.00") for name in names),
            charge(f"T-{order}", order=f"O-{order}", day=LATER, amount=f"-{version + 1}.00", version=version),
        )

    outcomes = []
    shuffled = data.draw(st.permutations(seen + seen[:2]))
    for sequence in (sorted(set(seen)), shuffled):
        OrderLine.objects.all().delete()
        Charge.objects.all().delete()
        for version in sequence:
            store_page(run=run, page=snapshot(*version))
        charges = Charge.objects.order_by("transaction_id").values_list(
            "transaction_id", "amount", "cohort_on"
        )
        outcomes.append((lines(), list(charges)))
    assert outcomes[0] == outcomes[1]


def test_a_row_that_fits_no_column_is_rejected_alone(run: RunRef) -> None:
    """One text that is too long, or holds a NUL, does not keep the page from being stored."""
    good, long, nul = order_line("O-1"), order_line("O-2", sku="x" * 101), order_line("O-3", sku="a\x00b")
    outcome = store_page(run=run, page=page_of(good, long, nul))
    assert (outcome.rows_read, outcome.rows_written, outcome.rows_rejected, outcome.rows_unchanged) == (
        3,
        1,
        2,
        0,
    )
    reasons = list(RejectedRecord.objects.order_by("id").values_list("pointer", "reason"))
    assert reasons == [
        ("O-2/1", "sku is longer than 100 characters"),
        ("O-3/1", "sku holds a NUL character"),
    ]


def test_too_many_rejected_rows_hold_the_cursor(run: RunRef) -> None:
    """The readable rows and the rejected ones are kept, but the page is asked for again."""
    rejected = tuple(RejectedRow(f"/rows/{n}", "no amount") for n in range(5))
    page = page_of(
        order_line("O-1"), cursor={"token": 9}, covered_from=DAY, covered_through=DAY, rejected=rejected
    )
    outcome = store_page(run=run, page=page)
    assert outcome.hold == "too_many_rejected"
    assert (OrderLine.objects.count(), RejectedRecord.objects.count()) == (1, 5)
    cursor = StreamCursor.objects.get()
    assert (cursor.cursor, cursor.covered_through) == ({}, None)


def test_few_rejected_rows_do_not(run: RunRef) -> None:
    """Up to two of a hundred are tolerated, and always up to four."""
    rejected = tuple(RejectedRow(f"/rows/{n}", "no amount") for n in range(4))
    outcome = store_page(run=run, page=page_of(order_line("O-1"), cursor={"token": 9}, rejected=rejected))
    assert (outcome.hold, StreamCursor.objects.get().cursor) == (None, {"token": 9})
