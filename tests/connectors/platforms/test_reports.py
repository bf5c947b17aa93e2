"""A report is asked for once, remembered before anything else, and resumed wherever the stream died."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.engine.protocol import Page, Wait
from connectors.platforms.common.problems import (
    ColumnsMissing,
    DocumentDamaged,
    ReportFailed,
    ReportStuck,
)
from connectors.platforms.common.windows import Round, due_round
from tests.connectors.platforms.files import order_row, orders_file
from tests.connectors.platforms.stage import NOW, Amazon, context, everything, pages_of

ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
FILE = orders_file(*(order_row(f"111-{number}") for number in range(5)))


def orders(**changes: Any) -> Amazon:
    """An Amazon that serves the orders file."""
    return Amazon(documents={ORDERS: FILE}, **changes)


def test_the_life_of_a_report() -> None:
    """Create, checkpoint, poll with pauses, document, download; then the next window."""
    amazon, waits = orders(polls=2), list[Wait]()
    pages = list(pages_of("orders_report", amazon, context(backfill_days=20), waits=waits))
    operations = [request.operation for request in amazon.asked]
    assert operations == [
        "createReport",
        "getReport",
        "getReport",
        "getReport",
        "getReportDocument",
        "document",
    ]
    assert amazon.asked[0].json == {
        "reportType": ORDERS,
        "marketplaceIds": ["ATVPDKIKX0DER"],
        "dataStartTime": "2026-11-01T07:00:00Z",
        "dataEndTime": "2026-11-21T20:00:00Z",
    }
    assert len(waits) == 2
    assert all(0.25 <= wait.seconds <= 60 for wait in waits)
    assert pages[0].records == ()
    assert pages[0].cursor["report"]["id"] == "R1"
    assert len(everything(pages)) == 5
    assert (pages[-1].covered_from, pages[-1].covered_through) == (date(2026, 11, 1), date(2026, 11, 20))
    assert pages[-1].cursor == {"through": "2026-11-21"}


def test_long_backfills_are_cut_into_windows_and_covered_at_the_end() -> None:
    """A report by update time may hold news of any day in its last window, so no day is claimed before."""
    amazon = orders()
    pages = list(pages_of("orders_report", amazon, context(backfill_days=89)))
    bodies = [request.json for request in amazon.asked if request.operation == "createReport"]
    assert len(bodies) == 3
    for body in bodies:
        start, end = (datetime.fromisoformat(body[name]) for name in ("dataStartTime", "dataEndTime"))
        assert end - start <= timedelta(days=30, hours=1)
    assert [body["dataStartTime"] for body in bodies[1:]] == [body["dataEndTime"] for body in bodies[:-1]]
    assert [page.covered_through for page in pages if page.covered_through] == [date(2026, 11, 20)]
    assert pages[-1].covered_from == date(2026, 8, 24)


@pytest.mark.parametrize("polls", [0, 2])
def test_a_stream_may_die_after_any_page(polls: int) -> None:
    """From every cursor the rest follows, and a report that was asked for is never asked for again."""
    whole = list(pages_of("orders_report", orders(polls=polls), context()))
    for stop in range(1, len(whole)):
        amazon = orders(polls=polls)
        pages: list[Page] = []
        for page in pages_of("orders_report", amazon, context()):
            pages.append(page)
            if len(pages) == stop:
                break
        pages += pages_of("orders_report", amazon, context(), pages[-1].cursor)
        assert everything(pages) == everything(whole)
        assert pages[-1].cursor == whole[-1].cursor
        assert amazon.count("createReport") == 2


def test_cancelled_means_no_data_not_zero() -> None:
    """The page says so, and the stream goes on."""
    pages = list(pages_of("orders_report", orders(outcome="CANCELLED"), context(backfill_days=5)))
    assert pages[-1].empty
    assert pages[-1].records == ()
    assert pages[-1].cursor == {"through": "2026-11-21"}


def test_a_header_without_rows_is_empty_as_well() -> None:
    """A report that came with no row at all is marked; so is a blank document."""
    for text in (orders_file(), ""):
        amazon = Amazon(documents={ORDERS: text})
        pages = list(pages_of("orders_report", amazon, context(backfill_days=5)))
        assert pages[-1].empty


def test_fatal_gives_amazon_s_reason_and_forgets_the_report() -> None:
    """The next attempt asks for a new report."""
    amazon = Amazon(documents={ORDERS: "Report requested too often"}, outcome="FATAL")
    pages: list[Page] = []
    with pytest.raises(ReportFailed, match="too often"):
        pages.extend(collect(amazon, pages))
    assert "report" not in pages[-1].cursor
    assert not ReportFailed.permanent
    amazon.outcome, amazon.documents = "DONE", {ORDERS: FILE}
    list(pages_of("orders_report", amazon, context(), pages[-1].cursor))
    assert amazon.count("createReport") == 3


def collect(amazon: Amazon, pages: list[Page], cursor: Mapping[str, Any] | None = None) -> list[Page]:
    """Put pages into the list as they come, so that they are known when the stream raises."""
    for page in pages_of("orders_report", amazon, context(), cursor):
        pages.append(page)
    return []


def test_fatal_without_a_document() -> None:
    """There is not always a reason."""
    amazon = Amazon(outcome="FATAL")
    with pytest.raises(ReportFailed, match="no reason"):
        list(pages_of("orders_report", amazon, context()))


def test_a_report_that_is_never_ready_is_given_up() -> None:
    """A mock that always says IN_PROGRESS does not hold a worker for ever."""
    waits: list[Wait] = []
    with pytest.raises(ReportStuck):
        list(pages_of("orders_report", orders(polls=10**9), context(), waits=waits))
    assert sum(wait.seconds for wait in waits) < timedelta(hours=13).total_seconds()


def test_an_id_older_than_amazon_keeps_is_dropped() -> None:
    """After ninety days the report is gone; it is asked for anew instead of failing for ever."""
    amazon = orders()
    cursor = {"report": {"id": "R-old", "asked_at": (NOW - timedelta(days=120)).isoformat()}}
    pages = list(pages_of("orders_report", amazon, context(backfill_days=5), cursor))
    assert amazon.asked[0].operation == "createReport"
    assert pages[0].cursor["dropped"] == "R-old"


def test_an_id_amazon_does_not_know_is_dropped() -> None:
    """A 404 for the report (skipped by the fetcher) leads to a new one."""
    amazon = orders()
    cursor = {"report": {"id": "R-unknown", "asked_at": NOW.isoformat()}}
    pages = list(pages_of("orders_report", amazon, context(backfill_days=5), cursor))
    assert [request.operation for request in amazon.asked][:2] == ["getReport", "createReport"]
    assert len(everything(pages)) == 5


def test_damaged_documents_and_missing_columns_are_errors() -> None:
    """Truncation may pass when tried again; a missing column needs a developer and fills in nothing."""
    truncated = Amazon(documents={ORDERS: gzip.compress(FILE.encode())[:-20]})
    with pytest.raises(DocumentDamaged):
        list(pages_of("orders_report", truncated, context()))
    renamed = Amazon(documents={ORDERS: FILE.replace("item-price", "price", 1)})
    with pytest.raises(ColumnsMissing, match="item-price") as caught:
        list(pages_of("orders_report", renamed, context()))
    assert caught.value.permanent
    assert not DocumentDamaged.permanent


def test_unknown_columns_are_tolerated_noted_and_dropped() -> None:
    """They may hold anything, a buyer's phone number included."""
    text = FILE.replace("\r\n", "\tbuyer-mood\r\n", 1).replace("PO-4711\t\t\r\n", "PO-4711\t\t\tmoody\r\n")
    amazon = Amazon(documents={ORDERS: text})
    pages = list(pages_of("orders_report", amazon, context(backfill_days=5)))
    assert len(everything(pages)) == 5
    assert "buyer-mood" in pages[-1].note
    assert b"moody" not in pages[-1].raw


def test_trailing_days_are_read_again() -> None:
    """The next day's round begins three days before the end of the last one."""
    amazon = orders()
    later = replace(context(), now=NOW + timedelta(days=1), today=date(2026, 11, 22))
    list(pages_of("orders_report", amazon, later, {"through": "2026-11-21"}))
    assert amazon.asked[0].json["dataStartTime"] == "2026-11-19T08:00:00Z"
    assert amazon.count("createReport") == 1


def test_a_round_is_shared_out_evenly_and_remembered() -> None:
    """No window of a single day is left over, and an interrupted round goes on where it stopped."""
    due = due_round({}, today=date(2026, 11, 21), last=date(2026, 11, 21), backfill_days=90, trailing_days=3)
    sizes = []
    while not due.is_done:
        first, last = due.window(30)
        sizes.append((last - first).days + 1)
        due = due.after(last)
        kept = {"round": due.write()}
        assert Round.read(kept) == due
    assert sizes == [23, 23, 23, 22]
    unfinished = Round(date(2026, 10, 1), date(2026, 10, 9), date(2026, 10, 20))
    again = due_round(
        {"round": unfinished.write()},
        today=date(2026, 11, 21),
        last=date(2026, 11, 21),
        backfill_days=90,
        trailing_days=3,
    )
    assert again == unfinished
    assert datetime(2026, 11, 21, tzinfo=UTC).date() == due.last
