"""Order lines mean the same whether the report or the API tells them, in every market's tax rule."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.engine.protocol import Page
from connectors.platforms.amazon_sp.mapping.order_lines import line_key
from connectors.platforms.amazon_sp.mapping.orders_report import read_status
from connectors.platforms.amazon_sp.mapping.tax import line_amounts, rule_of
from connectors.platforms.amazon_sp.streams.orders import read_orders_report
from connectors.platforms.amazon_sp.streams.reports import ReportDocument, ReportState
from connectors.platforms.amazon_sp.streams.windowed import Chunk
from connectors.platforms.common.moments import ShopClock
from connectors.platforms.common.problems import PaginationLoop
from connectors.types import FulfilmentChannel, OrderLineRecord, OrderStatus, TaxCollector
from tests.connectors.platforms.files import PRIVATE, api_item, api_order, order_row, orders_file
from tests.connectors.platforms.stage import NOW, Amazon, context, everything, pages_of

D = Decimal


def read(text: str, market: str = "US", start: int = 0, size: int = 5000) -> list[Chunk]:
    """Read an orders file as the stream does."""
    document = ReportDocument(ReportState("R1", NOW), text.encode(), {})
    return list(read_orders_report(context(market), document, NOW, start, size=size))


def lines(chunks: list[Chunk]) -> list[Any]:
    """All records of chunks."""
    return [record for chunk in chunks for record in chunk.records]


def amounts(line: OrderLineRecord) -> tuple[Decimal, ...]:
    """Gross, tax, shipping, shipping tax, discount, points of a line."""
    return (
        line.gross_amount,
        line.tax_amount,
        line.shipping_amount,
        line.shipping_tax_amount,
        line.discount_amount,
        line.points_amount,
    )


@pytest.mark.parametrize(
    ("market", "cells", "expected", "collector"),
    [
        # The United States add tax, which Amazon remits.
        (
            "US",
            {"item-price": "20.00", "item-tax": "1.60"},
            ("21.60", "1.60", "0", "0", "0", "0"),
            "platform",
        ),
        (
            "US",
            {
                "item-price": "20.00",
                "shipping-price": "5.00",
                "shipping-tax": "0.40",
                "item-promotion-discount": "-2.00",
            },
            ("20.00", "0", "5.40", "0.40", "2.00", "0"),
            "platform",
        ),
        # Japan shows prices with tax; an empty tax is 10/110 of the price, half up to whole yen.
        ("JP", {"item-price": "1000", "currency": "JPY"}, ("1000", "91", "0", "0", "0", "0"), "seller"),
        (
            "JP",
            {"item-price": "5980", "item-tax": "544", "item-promotion-discount": "500", "currency": "JPY"},
            ("5980", "544", "0", "0", "455", "0"),
            "seller",
        ),
        ("JP", {"item-price": "1,980", "currency": ""}, ("1980", "180", "0", "0", "0", "0"), "seller"),
        # Mexico likewise, 16 %.
        (
            "MX",
            {"item-price": "116.00", "shipping-price": "58.00", "currency": "MXN"},
            ("116.00", "16.00", "58.00", "8.00", "0", "0"),
            "seller",
        ),
        (
            "MX",
            {"item-price": "100.00", "item-promotion-discount": "10.00", "currency": "MXN"},
            ("100.00", "13.79", "0", "0", "8.62", "0"),
            "seller",
        ),
    ],
)
def test_each_market_s_tax_rule(
    market: str, cells: dict[str, str], expected: tuple[str, ...], collector: str
) -> None:
    """Gross holds the tax, the discount is ex tax, and it is known who remits."""
    row = {**order_row(), "item-price": "", "item-tax": "", **cells}
    [line] = lines(read(orders_file(row), market))
    assert amounts(line) == tuple(map(D, expected))
    assert line.tax_collector == collector
    assert line.currency == {"US": "USD", "JP": "JPY", "MX": "MXN"}[market]


@given(
    price=st.decimals(0, 10**6, places=2),
    tax=st.decimals(0, 10**5, places=2),
    discount=st.decimals(0, 10**4, places=2),
    market=st.sampled_from(["US", "JP", "MX", "CA"]),
)
def test_ex_tax_revenue_never_depends_on_who_adds_the_tax(
    price: Decimal, tax: Decimal, discount: Decimal, market: str
) -> None:
    """Gross − tax is the price where tax comes on top, and price − tax where it is inside."""
    rule = rule_of(market)
    currency = {"US": "USD", "JP": "JPY", "MX": "MXN", "CA": "CAD"}[market]
    made = line_amounts(rule, currency, price, tax, D(0), None, discount)
    assert made.gross - made.tax == (price - tax if rule.inclusive else price)
    if tax <= price:
        assert 0 <= made.discount <= discount + D("0.5")


def test_a_cancelled_line_keeps_its_price_but_has_no_units() -> None:
    """Real files do this; counting by price would sell what was cancelled."""
    row = order_row(order_status="Cancelled", item_status="Cancelled", quantity="0", item_price="15.00")
    [line] = lines(read(orders_file(row)))
    assert (line.status, line.quantity, line.gross_amount) == (OrderStatus.CANCELLED, 0, D("16.60"))


def test_a_pending_line_has_no_price_yet() -> None:
    """Amazon leaves price and currency empty until the payment is settled."""
    row = order_row(order_status="Pending", item_status="", item_price="", item_tax="", currency="")
    [line] = lines(read(orders_file(row)))
    assert (line.status, line.quantity, line.gross_amount, line.currency) == (
        OrderStatus.PENDING,
        1,
        0,
        "USD",
    )


def test_days_are_the_shop_s() -> None:
    """07:30 UTC on the 2nd is still the 1st in Los Angeles and already the 2nd in Tokyo."""
    row = order_row(purchase_date="2026-11-02T07:30:00+00:00")
    assert lines(read(orders_file(row), "US"))[0].business_on == date(2026, 11, 1)
    assert lines(read(orders_file(row), "JP"))[0].business_on == date(2026, 11, 2)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Shipped", OrderStatus.SHIPPED),
        ("Shipped - Delivered to Buyer", OrderStatus.SHIPPED),
        ("PartiallyShipped", OrderStatus.SHIPPED),
        ("Unshipped", OrderStatus.UNSHIPPED),
        ("Shipping", OrderStatus.UNSHIPPED),
        ("Pending - Waiting for Pick Up", OrderStatus.PENDING),
        ("Canceled", OrderStatus.CANCELLED),
    ],
)
def test_statuses_are_understood(text: str, status: OrderStatus) -> None:
    """Whatever Amazon appends to a status; a cancelled item is cancelled in any order."""
    assert read_status(text) is status
    assert read_status(text, "Cancelled") is OrderStatus.CANCELLED


def test_no_buyer_data_survives_the_report() -> None:
    """Cities, postal codes and purchase-order numbers are in no record, no rejection and no raw page."""
    chunks = read(orders_file(order_row(), order_row("111-9", order_status="Mystery")))
    kept = repr(chunks)
    assert chunks[0].rejected
    assert not [word for word in PRIVATE if word in kept]


def test_a_bad_row_is_set_apart_and_its_order_is_not_called_complete() -> None:
    """The good line is stored, but the order's other lines must not be deleted because of it."""
    chunks = read(
        orders_file(order_row("111-1"), order_row("111-1", sku="POT-2", quantity="many"), order_row("111-2"))
    )
    [chunk] = chunks
    assert [line.platform_order_id for line in lines(chunks)] == ["111-1", "111-2"]
    assert chunk.replaces == ("111-2",)
    assert [(row.pointer, "many" in row.reason) for row in chunk.rejected] == [("/2", True)]


def test_a_ragged_row_is_rejected_without_its_cells() -> None:
    """Its cells may be displaced, so none of them is kept (one could be an address)."""
    text = orders_file(order_row("111-1")) + "111-2\t\t2026-11-01T18:00:00+00:00\tSpringfield\n"
    [chunk] = read(text)
    assert chunk.rejected[0].reason == "4 cells where the header has 33"
    assert chunk.rejected[0].raw == {}


@given(
    st.lists(st.tuples(st.integers(1, 8), st.sampled_from(["A", "B"])), min_size=1, max_size=40),
    st.integers(1, 9),
)
def test_chunks_hold_whole_orders_and_resume_anywhere(rows: list[tuple[int, str]], size: int) -> None:
    """However rows are mixed and chunks cut: nothing lost, nothing twice, orders whole, restarts exact."""
    text = orders_file(*(order_row(f"111-{number}", sku=sku) for number, sku in rows))
    chunks = read(text, size=size)
    whole = lines(read(text))
    assert sorted(map(repr, lines(chunks))) == sorted(map(repr, whole))
    assert len(whole) == len(rows)
    keys = [(line.platform_order_id, line.line_no) for line in whole]
    assert len(set(keys)) == len(keys)
    named = [order for chunk in chunks for order in chunk.replaces]
    assert len(named) == len(set(named)) == len({number for number, _ in rows})
    for index, chunk in enumerate(chunks):
        resumed = read(text, start=chunk.rows, size=size)
        assert lines(resumed) == lines(chunks[index + 1 :])


def test_both_sources_tell_the_same_order() -> None:
    """The report's and the API's line are equal, key and all, so neither adds to the other."""
    row = order_row(
        "111-0000001-0000001",
        purchase_date="2026-11-20T18:00:00+00:00",
        last_updated_date="2026-11-21T09:00:00+00:00",
    )
    [from_report] = lines(read(orders_file(row)))
    order = {name: value for name, value in api_order().items() if name != "buyer"}
    amazon = Amazon(answers={"searchOrders": [{"orders": [order]}]})
    [from_api] = everything(list(pages_of("orders", amazon, context())))
    assert from_api == from_report


def api_lines(order: dict[str, object], market: str = "US") -> list[Any]:
    """The lines of one order of the API."""
    amazon = Amazon(answers={"searchOrders": [{"orders": [order]}]})
    return everything(list(pages_of("orders", amazon, context(market))))


def yen(amount: str) -> dict[str, str]:
    """A money object of the Orders API."""
    return {"amount": amount, "currencyCode": "JPY"}


def test_the_api_s_details_are_read() -> None:
    """Detailed tax and discount, points, replacements, business orders, merchant fulfilment."""
    item = api_item(
        "CUP-1",
        2,
        proceeds={
            "proceedsTotal": yen("2000"),
            "breakdowns": [
                {"type": "ITEM", "subtotal": yen("2000")},
                {"type": "SHIPPING", "subtotal": yen("110")},
                {
                    "type": "TAX",
                    "subtotal": yen("192"),
                    "detailedBreakdowns": [
                        {"subtype": "ITEM", "value": yen("182")},
                        {"subtype": "SHIPPING", "value": yen("10")},
                    ],
                },
                {"type": "DISCOUNT", "subtotal": yen("-220")},
            ],
        },
        expense={"pointsCost": {"pointsGranted": {"pointsMonetaryValue": yen("20")}}},
    )
    order = api_order(
        orderItems=[item],
        programs=["AMAZON_BUSINESS"],
        associatedOrders=[{"orderId": "1", "associationType": "REPLACEMENT_ORIGINAL_ID"}],
        fulfillment={"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT"},
    )
    [line] = api_lines(order, "JP")
    assert amounts(line) == tuple(map(D, ("2000", "182", "110", "10", "200", "20")))
    assert (line.is_replacement, line.is_business, line.channel) == (True, True, FulfilmentChannel.MERCHANT)
    assert line.tax_collector is TaxCollector.SELLER
    assert line.quantity == 2


def test_an_order_without_proceeds_is_priced_by_its_unit_price() -> None:
    """Before payment only the price asked is known."""
    [line] = api_lines(api_order(orderItems=[api_item(quantity=3, proceeds=None)]))
    assert (line.gross_amount, line.tax_amount) == (D("60.00"), 0)


def test_a_cancelled_item_of_a_living_order() -> None:
    """Only the item is cancelled."""
    gone = api_item("POT-2", cancellation={"cancellationExecution": {"cancelledBy": "BUYER"}})
    kept, cancelled = api_lines(api_order(orderItems=[api_item(), gone]))
    assert (kept.status, kept.quantity) == (OrderStatus.SHIPPED, 1)
    assert (cancelled.status, cancelled.quantity) == (OrderStatus.CANCELLED, 0)


def test_lines_of_one_sku_are_told_apart_alike_in_both_sources() -> None:
    """The second line of a SKU is numbered by quantity and price, which both sources know."""
    two = [api_item(quantity=1), api_item(quantity=3)]
    forwards, backwards = (api_lines(api_order(orderItems=items)) for items in (two, two[::-1]))
    assert [(line.line_no, line.quantity) for line in forwards] == [("CUP-1", 3), ("CUP-1#2", 1)]
    assert forwards == backwards
    assert line_key("X" * 50) == "X" * 40
    assert line_key("X" * 50, 2) == "X" * 38 + "#2"


def test_no_buyer_data_survives_the_api() -> None:
    """Names, addresses and messages are gone; the relay address is only a keyed hash."""
    broken = api_order(2, createdTime="yesterday")
    amazon = Amazon(answers={"searchOrders": [{"orders": [api_order(), broken]}]})
    pages: list[Page] = list(pages_of("orders", amazon, context()))
    kept = repr(pages)
    assert not [word for word in PRIVATE if word in kept]
    [line] = everything(pages)
    assert len(line.buyer_hash) == 64
    assert pages[0].rejected[0].pointer == "/orders/1"
    assert pages[0].replaces == ("111-0000001-0000001",)


def test_pages_follow_the_token_with_the_same_question() -> None:
    """All parameters are repeated with the token, and the window does not move between pages."""
    answers = [
        {"orders": [api_order(1)], "pagination": {"nextToken": "t1"}},
        {"orders": [api_order(2)]},
    ]
    amazon = Amazon(answers={"searchOrders": answers})
    pages = list(pages_of("orders", amazon, context()))
    first, second = amazon.asked
    assert second.query == {**first.query, "paginationToken": "t1"}
    assert first.query["lastUpdatedAfter"] == "2026-11-18T08:00:00Z"
    assert pages[-1].covered_from == date(2026, 11, 18)
    assert pages[-1].covered_through == date(2026, 11, 20)
    assert pages[0].covered_through is None
    resumed = list(
        pages_of("orders", Amazon(answers={"searchOrders": answers[1:]}), context(), pages[0].cursor)
    )
    assert resumed == pages[1:]


def test_the_next_run_overlaps_a_day_and_still_covers_without_a_gap() -> None:
    """Coverage runs from the first look, because no change since was missed."""
    amazon = Amazon(answers={"searchOrders": [{"orders": []}]})
    [first] = pages_of("orders", amazon, context())
    later = context(now=NOW.replace(day=22))
    [second] = pages_of("orders", amazon, later, first.cursor)
    assert amazon.asked[1].query["lastUpdatedAfter"] == "2026-11-20T19:57:00Z"
    assert (second.covered_from, second.covered_through) == (date(2026, 11, 18), date(2026, 11, 21))


def test_an_old_token_is_not_used() -> None:
    """A token dies after a day; the window is read again from its start."""
    amazon = Amazon(
        answers={"searchOrders": [{"orders": [], "pagination": {"nextToken": "t1"}}, {"orders": []}]}
    )
    first = next(pages_of("orders", amazon, context()))
    again = Amazon(answers={"searchOrders": [{"orders": []}]})
    list(pages_of("orders", again, replace(context(), now=NOW.replace(day=23)), first.cursor))
    assert "paginationToken" not in again.asked[0].query
    assert again.asked[0].query["lastUpdatedAfter"] == amazon.asked[0].query["lastUpdatedAfter"]


def test_the_same_token_on_another_page_is_a_named_error() -> None:
    """The platform leads in a circle, and whatever lies behind it was never seen."""
    pages = [{"orders": [api_order(n)], "pagination": {"nextToken": "t"}} for n in (1, 2)]
    amazon = Amazon(answers={"searchOrders": pages})
    with pytest.raises(PaginationLoop, match="searchOrders"):
        list(pages_of("orders", amazon, context()))
    assert amazon.count("searchOrders") == 2


@pytest.mark.parametrize("known", [False, True], ids=["first run", "later run"])
def test_the_same_page_for_ever_ends_in_doubt(known: bool) -> None:
    """A mock without state: its orders are kept once, no day is claimed, the next run asks the same anew."""
    amazon = Amazon(answers={"searchOrders": [{"orders": [api_order()], "pagination": {"nextToken": "t"}}]})
    start = {"since": "2026-11-01T08:00:00+00:00", "until": "2026-11-20T00:00:00+00:00"} if known else {}
    first, end = pages_of("orders", amazon, context(), start)
    assert amazon.count("searchOrders") == 2
    assert (len(first.records), end.records, end.cursor) == (1, (), start)
    assert (end.covered_through, end.data_as_of) == (None, None)
    assert "searchOrders" in end.doubt


def test_raw_pages_are_json_of_what_was_kept() -> None:
    """The raw page can be read again."""
    amazon = Amazon(answers={"searchOrders": [{"orders": [api_order()]}]})
    [page] = pages_of("orders", amazon, context())
    [order] = json.loads(page.raw)["orders"]
    assert set(order) >= {"orderId", "orderItems", "fulfillment"}
    assert "buyer" not in order
    assert ShopClock("UTC").day(NOW) == date(2026, 11, 21)
