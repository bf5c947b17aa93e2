"""Are cost sheets dated, versioned and never edited, and do exactly the days they touch become dirty?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest

from config.lib.errors import Invalid, PayloadTooLarge
from config.lib.money import Money
from connectors.facts.costs import CostSheet
from connectors.models import DirtyDay, Upload
from connectors.selectors.costs import current_sheets, get_cost_sheet, list_cost_completeness
from connectors.services import uploads
from connectors.services.costs import record_cost_sheet, record_cost_sheets
from connectors.services.dirty import claim_dirty_days, clear_dirty_days
from connectors.services.ingest import store_page
from connectors.services.runs import RunRef
from connectors.services.uploads import AlreadyUploaded, UnreadableFile, import_cost_file
from connectors.types import CostLine, InventoryDayRecord, OrderStatus
from connectors.values import CostOutcome, CostSheetInput
from tests.connectors.fakes import DAY, at, order_line, page_of


def sheet(
    sku: str = "SKU-1",
    market: str = "",
    effective_on: date = DAY,
    lines: Mapping[CostLine, Money] | None = None,
) -> CostSheetInput:
    """A sheet with a purchase price of four dollars."""
    return CostSheetInput(
        sku, market, effective_on, lines or {CostLine.PURCHASE: Money(Decimal("4.00"), "USD")}
    )


def sell(run: RunRef, *days: date, sku: str = "SKU-1") -> None:
    """Sell one unit on each day, and forget that the days are dirty."""
    store_page(run=run, page=page_of(*(order_line(f"O-{sku}-{day}", sku=sku, day=day) for day in days)))
    DirtyDay.objects.all().delete()


def dirty() -> set[date]:
    """The days whose cost measures are out of date."""
    return set(DirtyDay.objects.filter(family="costs").values_list("business_on", flat=True))


def test_a_correction_is_a_new_version(run: RunRef) -> None:
    """The former sheet stays as it was; the highest version counts."""
    first = record_cost_sheet(sheet=sheet())
    again = record_cost_sheet(sheet=sheet())
    second = record_cost_sheet(sheet=sheet(lines={CostLine.PURCHASE: Money(Decimal(5), "USD")}))
    assert (first.outcome, first.version) == (CostOutcome.CREATED, 1)
    assert (again.outcome, again.id) == (CostOutcome.UNCHANGED, first.id)
    assert (second.outcome, second.version) == (CostOutcome.CREATED, 2)
    assert first.id is not None
    assert get_cost_sheet(first.id).lines == {CostLine.PURCHASE: Money(Decimal(4), "USD")}
    assert [view.version for view in current_sheets({"SKU-1"})] == [2]


def test_only_days_that_use_the_cost_become_dirty(run: RunRef) -> None:
    """From the effective day on, where the SKU was sold or lay in stock, in stores of the market."""
    days = [DAY - timedelta(days=1), DAY, DAY + timedelta(days=4)]
    sell(run, *days)
    sell(run, DAY + timedelta(days=2), sku="OTHER")
    stock = InventoryDayRecord("SKU-1", "P", DAY + timedelta(days=7), 5, 0, 0, 0, at(DAY))
    store_page(run=run, page=page_of(stock))
    DirtyDay.objects.all().delete()
    record_cost_sheet(sheet=sheet(market="US"))
    assert dirty() == {days[1], days[2], DAY + timedelta(days=7)}
    DirtyDay.objects.all().delete()
    record_cost_sheet(sheet=sheet(market="JP"))
    assert dirty() == set()


@pytest.mark.parametrize(
    ("bad", "pointer"),
    [
        (sheet(sku=" "), "/sku"),
        (sheet(market="XX"), "/market"),
        (sheet(lines={CostLine.DUTY: Money(Decimal(-1), "USD")}), "/lines/duty"),
        (sheet(lines={CostLine.DUTY: Money(Decimal("0.00001"), "USD")}), "/lines/duty"),
    ],
)
def test_an_invalid_sheet_is_refused(run: RunRef, bad: CostSheetInput, pointer: str) -> None:
    """The fault is named and nothing is written."""
    with pytest.raises(Invalid) as caught:
        record_cost_sheet(sheet=bad)
    assert [error.pointer for error in caught.value.errors] == [pointer]
    assert not CostSheet.objects.exists()


def test_atomic_batch_is_all_or_nothing(run: RunRef) -> None:
    """One invalid sheet keeps the valid one from being recorded; without `is_atomic` it does not."""
    both = [sheet("A"), sheet("B", market="XX")]
    results = record_cost_sheets(sheets=both, is_atomic=True)
    assert [(result.outcome, result.id) for result in results] == [
        (CostOutcome.CREATED, None),
        (CostOutcome.INVALID, None),
    ]
    assert not CostSheet.objects.exists()
    results = record_cost_sheets(sheets=both, is_atomic=False)
    assert results[0].id is not None
    assert list(CostSheet.objects.values_list("sku", flat=True)) == ["A"]


def test_dry_run_writes_nothing(run: RunRef) -> None:
    """It tells what would become of each sheet."""
    sell(run, DAY)
    results = record_cost_sheets(sheets=[sheet(), sheet()], is_atomic=True, is_dry_run=True)
    assert [(result.outcome, result.version) for result in results] == [
        (CostOutcome.CREATED, 1),
        (CostOutcome.UNCHANGED, 1),
    ]
    assert not CostSheet.objects.exists()
    assert dirty() == set()


def test_completeness_counts_sold_units(run: RunRef) -> None:
    """Units sold before the sheet takes effect, or of other SKUs, have no cost."""
    sell(run, DAY - timedelta(days=1), DAY, DAY + timedelta(days=1))
    sell(run, DAY, sku="OTHER")
    store_page(run=run, page=page_of(order_line("X", status=OrderStatus.CANCELLED, quantity=9)))
    record_cost_sheet(sheet=sheet(market="US"))
    (found,) = list_cost_completeness([run.store.id], DAY - timedelta(days=9), DAY + timedelta(days=9))
    assert (found.units, found.units_with_cost, found.share) == (4, 2, Decimal("0.5"))
    assert found.skus_without_cost == ("OTHER", "SKU-1")
    (none,) = list_cost_completeness([run.store.id], DAY + timedelta(days=90), DAY + timedelta(days=99))
    assert (none.units, none.share) == (0, None)


CSV = "﻿sku,market,effective_on,currency,purchase,first_leg,first_leg_currency\r\n"


def test_a_file_is_taken_once(run: RunRef) -> None:
    """Byte order mark, quotes and empty cells are understood; the same bytes again are refused."""
    content = (CSV + 'A,US,2026-08-01,CNY,18.50,1.20,USD\r\n"B,1",,2026-08-01,usd,3,,\r\n').encode()
    result = import_cost_file(filename="costs.csv", content=content)
    assert (result.rows_read, result.rows_written) == (2, 2)
    (stored,) = current_sheets({"A"})
    assert (stored.market, stored.source) == ("US", "upload")
    assert stored.lines == {
        CostLine.PURCHASE: Money(Decimal("18.50"), "CNY"),
        CostLine.FIRST_LEG: Money(Decimal("1.20"), "USD"),
    }
    with pytest.raises(AlreadyUploaded):
        import_cost_file(filename="other.csv", content=content)
    assert (Upload.objects.count(), CostSheet.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ("A,US,01/08/2026,USD,1,,\n", ["/rows/2/effective_on"]),
        ("A,US,2026-08-01,USD,1,5,\nB,US,2026-08-01,USD,x,,\n", ["/rows/3/purchase"]),
        ("A,US,2026-08-01,EURO,1,,\n", ["/rows/2/currency"]),
        ("A,US,2026-08-01,USD,1\n", ["/rows/2"]),
        ("A,QQ,2026-08-01,USD,1,,\n", ["/rows/2/market"]),
        ("A,US,2026-08-01,USD,,,\n", ["/rows/2/lines"]),
        ("A,US,2026-08-01,USD,1,,\nA,US,2026-08-01,USD,2,,\n", ["/rows/3/sku"]),
        ("", [""]),
    ],
)
def test_a_fault_is_named_by_row_and_column(run: RunRef, body: str, pointers: list[str]) -> None:
    """And keeps the whole file from being taken, so that it can be mended and sent again."""
    with pytest.raises(UnreadableFile) as caught:
        import_cost_file(filename="costs.csv", content=(CSV + body).encode())
    assert [error.pointer for error in caught.value.errors] == pointers
    assert not CostSheet.objects.exists()
    assert not Upload.objects.exists()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b'sku,"market\n', b"sku,colour\n", b""])
def test_what_is_no_table_is_refused(run: RunRef, content: bytes) -> None:
    """Wrong encoding, broken quotes, unknown columns, nothing at all."""
    with pytest.raises(UnreadableFile):
        import_cost_file(filename="costs.csv", content=content)


def test_too_large_a_file_is_refused(run: RunRef, monkeypatch: pytest.MonkeyPatch) -> None:
    """By size before it is read, by rows while it is."""
    with pytest.raises(PayloadTooLarge):
        import_cost_file(filename="costs.csv", content=b"x" * (uploads.MAX_BYTES + 1))
    monkeypatch.setattr(uploads, "MAX_ROWS", 1)
    body = CSV + "A,US,2026-08-01,USD,1,,\nB,US,2026-08-01,USD,1,,\n"
    with pytest.raises(PayloadTooLarge):
        import_cost_file(filename="costs.csv", content=body.encode())


def test_a_day_marked_again_is_not_cleared(run: RunRef) -> None:
    """Clearing what was claimed keeps what became dirty meanwhile, even after it was cleared in between."""
    store_page(run=run, page=page_of(order_line("O-1")))
    old = claim_dirty_days(10)
    assert [(claim.business_on, claim.family) for claim in old] == [(DAY, "orders")]
    store_page(run=run, page=page_of(order_line("O-2")))
    assert clear_dirty_days(old) == 0
    fresh = claim_dirty_days(10)
    assert clear_dirty_days(fresh) == 1
    store_page(run=run, page=page_of(order_line("O-3")))
    assert clear_dirty_days(fresh) == 0
    assert len(claim_dirty_days(10)) == 1
