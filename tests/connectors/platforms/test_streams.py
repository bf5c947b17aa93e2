"""Stock, returns, ratings, traffic, health and settlements: what is asked, and what the answers mean."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.platforms.amazon_sp.streams.reports import ReportDocument, ReportState
from connectors.platforms.amazon_sp.streams.settlements import read_settlement
from connectors.platforms.common.problems import DocumentDamaged, DocumentUnreadable
from connectors.types import PerformanceRecord
from tests.connectors.platforms import files
from tests.connectors.platforms.stage import NOW, Amazon, context, everything, pages_of, tsv

D = Decimal


def report(kind: str, text: str) -> Amazon:
    """An Amazon that serves one report."""
    return Amazon(documents={kind: text})


def test_inventory_now() -> None:
    """Summaries of one moment; a SKU in two conditions is added up; an unusable one is set apart."""

    def summary(fulfillable: int) -> dict[str, Any]:
        details = {
            "fulfillableQuantity": fulfillable,
            "inboundWorkingQuantity": 1,
            "inboundShippedQuantity": 2,
            "inboundReceivingQuantity": 3,
            "reservedQuantity": {"totalReservedQuantity": 4},
            "unfulfillableQuantity": {"totalUnfulfillableQuantity": 5},
        }
        return {"sellerSku": "CUP-1", "asin": "B1", "condition": "NewItem", "inventoryDetails": details}

    answers = [
        {
            "payload": {"inventorySummaries": [summary(7), summary(1), {"asin": "B2"}]},
            "pagination": {"nextToken": "t"},
        },
        {"payload": {"inventorySummaries": []}},
    ]
    amazon = Amazon(answers={"getInventorySummaries": answers})
    pages = list(pages_of("inventory", amazon, context()))
    [record] = everything(pages)
    assert (record.fulfillable, record.inbound, record.reserved, record.unfulfillable) == (8, 12, 8, 10)
    assert record.snapshot_on == date(2026, 11, 21)
    assert pages[0].rejected[0].pointer == "/inventorySummaries/2"
    assert amazon.asked[0].query["details"] == "true"
    assert amazon.asked[1].query["nextToken"] == "t"
    assert pages[-1].covered_through == date(2026, 11, 21)


def test_the_ledger_by_day() -> None:
    """Dispositions of a SKU make one balance; other countries are left out and counted."""
    amazon = report("GET_LEDGER_SUMMARY_VIEW_DATA", files.LEDGER)
    pages = list(pages_of("inventory_ledger", amazon, context(backfill_days=5)))
    first, second = everything(pages)
    assert (first.snapshot_on, first.fulfillable, first.reserved, first.unfulfillable) == (
        date(2026, 11, 19), 10, 2, 1,
    )  # fmt: skip
    assert (second.snapshot_on, second.fulfillable) == (date(2026, 11, 20), 0)
    assert pages[-1].note == "1 rows of other countries left out"
    body = amazon.asked[0].json
    assert body["reportOptions"] == {"aggregateByLocation": "COUNTRY", "aggregatedByTimePeriod": "DAILY"}
    assert (body["dataStartTime"], body["dataEndTime"]) == ("2026-11-16T00:00:00Z", "2026-11-20T23:59:59Z")
    assert pages[-1].covered_through == date(2026, 11, 20)


def test_the_age_of_stock_uses_one_set_of_buckets() -> None:
    """Overlapping buckets are not added; a row that does not add up is rejected, pending removals aside."""
    text = tsv(
        files.PLANNING_COLUMNS,
        files.planning_row("CUP-1", 15, 1, 2, 3, 4, 5),
        files.planning_row("POT-2", 15, 1, 2, 3, 4, 6),
        files.planning_row("PAN-3", 15, 1, 2, 3, 4, 6, pending=1),
    )
    pages = list(pages_of("inventory_planning", report("GET_FBA_INVENTORY_PLANNING_DATA", text), context()))
    cup, pan = everything(pages)
    ages = (cup.age_0_90, cup.age_91_180, cup.age_181_270, cup.age_271_365, cup.age_over_365)
    assert ages == (1, 2, 3, 4, 5)
    assert (cup.available, pan.available) == (15, 16)
    assert cup.storage_cost_next_month_amount == D("3.21")
    assert "add up to 16, available is 15" in pages[-1].rejected[0].reason


def test_returns() -> None:
    """Keyed by licence plate; without one by order, SKU, time and disposition; comments never read."""
    pages = list(
        pages_of(
            "returns",
            report("GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA", files.RETURNS),
            context(backfill_days=5),
        )
    )
    plated, plain = everything(pages)
    assert plated.return_key == "111-0000001-0000001|CUP-1|LPN1"
    assert plain.return_key == "111-0000002-0000002|POT-2|2026-11-06T10:00:00+00:00|CUSTOMER_DAMAGED"
    assert (plated.disposition, plated.quantity, plated.business_on) == ("SELLABLE", 1, date(2026, 11, 5))
    assert not [word for word in files.PRIVATE if word in repr(pages)]


def test_equal_returns_without_a_plate_are_kept_apart() -> None:
    """Two units of one order came back in the same second: two returns."""
    row = {"return-date": "2026-11-05T10:00:00+00:00", "order-id": "1", "sku": "A", "quantity": 1,
           "detailed-disposition": "sellable", "reason": "X"}  # fmt: skip
    text = tsv(files.RETURN_COLUMNS, row, row)
    amazon = report("GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA", text)
    keys = [
        record.return_key
        for record in everything(list(pages_of("returns", amazon, context(backfill_days=5))))
    ]
    assert len(set(keys)) == 2


def test_seller_feedback() -> None:
    """Ratings by the day they were given; a rating of 7 is rejected; words and addresses are gone."""
    text = files.FEEDBACK + "11/07/26\t7\t\t\t111-3\tjane@example.com\r\n"
    pages = list(
        pages_of("seller_feedback", report("GET_SELLER_FEEDBACK_DATA", text), context(backfill_days=20))
    )
    assert [(r.rating, r.business_on, r.feedback_key) for r in everything(pages)] == [
        (5, date(2026, 11, 5), "111-0000001-0000001"),
        (1, date(2026, 11, 6), "111-0000002-0000002"),
    ]
    assert "rating 7" in pages[-1].rejected[0].reason
    assert not [word for word in files.PRIVATE if word in repr(pages)]


def test_japanese_feedback_writes_the_year_first() -> None:
    """26/11/05 is the fifth of November."""
    text = tsv("Date Rating Order_ID", {"Date": "26/11/05", "Rating": 4, "Order_ID": "250-1"})
    amazon = report("GET_SELLER_FEEDBACK_DATA", text)
    [record] = everything(list(pages_of("seller_feedback", amazon, context("JP", backfill_days=20))))
    assert record.business_on == date(2026, 11, 5)


def test_traffic_covers_only_what_was_delivered() -> None:
    """Percent become fractions; days Amazon does not have yet are not claimed."""
    amazon = report("GET_SALES_AND_TRAFFIC_REPORT", files.traffic("2026-11-16", "2026-11-17", "2026-11-18"))
    pages = list(pages_of("traffic", amazon, context(backfill_days=5)))
    record = everything(pages)[0]
    assert (record.sessions, record.page_views, record.units_ordered, record.orders) == (1000, 1658, 23, 20)
    assert (record.buy_box_share, record.ordered_sales_amount) == (D("0.935"), D("238.44"))
    assert (pages[-1].covered_from, pages[-1].covered_through) == (date(2026, 11, 16), date(2026, 11, 18))
    assert amazon.asked[0].json["reportOptions"] == {"dateGranularity": "DAY", "asinGranularity": "SKU"}


def test_traffic_with_a_broken_day_keeps_the_others() -> None:
    """A day without sessions is rejected with the reason."""
    text = files.traffic("2026-11-17", "2026-11-18").replace('"sessions": 1000', '"visits": 1000', 1)
    pages = list(pages_of("traffic", report("GET_SALES_AND_TRAFFIC_REPORT", text), context(backfill_days=5)))
    assert len(everything(pages)) == 1
    assert pages[-1].rejected[0].reason == "no 'sessions'"


def test_account_health_keeps_every_figure_as_delivered() -> None:
    """Rate, target, counts and verdict; the defect rate by fulfilment; lists by their type."""
    pages = list(
        pages_of("account_health", report("GET_V2_SELLER_PERFORMANCE_REPORT", files.HEALTH), context())
    )
    found: dict[tuple[str, str], PerformanceRecord] = {(r.metric, r.scope): r for r in everything(pages)}
    late = found["late_shipment_rate", ""]
    assert (late.rate, late.target, late.numerator, late.denominator) == (D("0.031"), D("0.04"), 27, 870)
    assert (late.window_start_on, late.window_end_on) == (date(2026, 10, 21), date(2026, 11, 19))
    assert found["odr", "afn"].numerator == 2
    assert found["warning_state", "spam"].status == "BAD"
    assert found["account_status", ""].status == "NORMAL"


def settlement_lines(text: str, start: int = 0, size: int = 5000, market: str = "US") -> list[Any]:
    """Read a settlement document."""
    document = ReportDocument(ReportState("S1", NOW, rows=start), text.encode(), {})
    return list(read_settlement(context(market), document, size=size))


def test_settlements_are_listed_downloaded_and_added_up() -> None:
    """Reports already read are not downloaded again; the total is on every line."""
    listed = {
        "reports": [
            {
                "reportId": "S1", "reportType": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
                "createdTime": "2026-11-16T00:00:00Z", "processingStatus": "DONE",
                "reportDocumentId": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
            }
        ],
        "nextToken": "t",
    }  # fmt: skip
    kind = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
    amazon = Amazon(
        documents={kind: files.settlement()}, answers={"getReports": [listed, {"reports": []}] * 2}
    )
    pages = list(pages_of("settlements", amazon, context()))
    records = everything(pages)
    assert [record.amount for record in records] == [D("20.00"), D("-3.00"), D("-1.50")]
    assert {record.total_amount for record in records} == {D("15.50")}
    assert records[0].posted_at == datetime(2026, 11, 2, 8, 52, 26, tzinfo=UTC)
    assert records[0].deposit_at == datetime(2026, 11, 17, tzinfo=UTC)
    assert not [row for page in pages for row in page.rejected]
    assert amazon.asked[0].query["processingStatuses"] == "DONE"
    assert amazon.asked[1].query == {"nextToken": "t"}
    again = list(pages_of("settlements", amazon, context(), pages[-1].cursor))
    assert everything(again) == []
    assert amazon.count("document") == 1


def test_settlements_listed_on_one_page_for_ever_are_read() -> None:
    """The list may lack some, so the next run lists from as far back; those read are not read again."""
    kind = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
    report = {"reportId": "S1", "reportType": kind, "reportDocumentId": kind}
    listed = {"reports": [{**report, "createdTime": "2026-11-16T00:00:00Z"}], "nextToken": "t"}
    amazon = Amazon(documents={kind: files.settlement()}, answers={"getReports": [listed]})
    pages = list(pages_of("settlements", amazon, context()))
    assert (len(everything(pages)), pages[-1].data_as_of) == (3, None)
    assert "getReports" in pages[-1].doubt
    assert list(pages[-1].cursor) == ["read"]
    [again] = pages_of("settlements", amazon, context(), pages[-1].cursor)
    assert "getReports" in again.doubt
    assert (amazon.count("getReports"), amazon.count("document")) == (4, 1)


def test_a_settlement_that_does_not_add_up_is_reported() -> None:
    """The lines are kept, and the difference is a rejection that names both sums."""
    [chunk] = settlement_lines(files.settlement("15.51"))
    assert len(chunk.records) == 3
    assert chunk.rejected[0].reason.endswith("add up to 15.50, its total is 15.51")


def test_a_settlement_that_breaks_off_is_damaged() -> None:
    """A file that ends within a line and does not add up is not taken for read: it would not come again."""
    text = files.settlement()
    for end in range(text.rindex("9001") + 1, len(text.rstrip())):
        with pytest.raises(DocumentDamaged, match="breaks off"):
            settlement_lines(text[:end])


def test_a_european_settlement_reads_alike() -> None:
    """Dotted dates and decimal commas."""
    text = (
        files.settlement("15,50")
        .replace("20.00", "20,00")
        .replace("-3.00", "-3,00")
        .replace("-1.50", "-1,50")
    )
    text = text.replace("2026-11-02 08:52:26 UTC", "02.11.2026 08:52:26 UTC")
    [chunk] = settlement_lines(text)
    [american] = settlement_lines(files.settlement())
    assert chunk.records == american.records
    assert not chunk.rejected


def test_a_settlement_resumes_inside_and_still_checks_the_whole() -> None:
    """After a restart the rest is stored, and the sum runs over all lines."""
    whole = settlement_lines(files.settlement("15.51"), size=1)
    rest = settlement_lines(files.settlement("15.51"), start=whole[0].rows, size=1)
    assert [line for chunk in rest for line in chunk.records] == [
        line for chunk in whole[1:] for line in chunk.records
    ]
    assert [row.reason for chunk in rest for row in chunk.rejected] == [
        row.reason for chunk in whole for row in chunk.rejected
    ]


def test_a_settlement_without_a_readable_summary_is_refused() -> None:
    """Without period and total no line means anything."""
    with pytest.raises(DocumentUnreadable, match="summary"):
        settlement_lines(files.settlement(start="soon"))
