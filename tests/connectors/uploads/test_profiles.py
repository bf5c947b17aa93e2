"""Does a file say the same whatever it is written in, and the same as the platform's own stream?"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.platforms.csv_upload.profile import Profile, by_name
from connectors.platforms.csv_upload.profiles import PROFILES, guess_profiles
from connectors.platforms.csv_upload.table import find_header, open_table
from connectors.platforms.csv_upload.values import Days, Decimals
from connectors.types import FulfilmentChannel, OrderLineRecord, OrderStatus, SettlementLineRecord
from tests.connectors.platforms import files
from tests.connectors.platforms.stage import Amazon, context, pages_of
from tests.connectors.uploads.files import JP, US, csv_of, mapped, xlsx_of

OWN = Profile(
    key="own",
    title="Own",
    dataset="orders",
    columns=by_name(
        order_id=("订单号", "注文番号", "Número"),
        sku=("商品编码", "商品コード", "Código"),
        ordered_at=("下单时间", "注文日時", "Fecha"),
        quantity=("数量", "個数", "Unidades"),
        price_amount=("金额", "金額", "Importe"),
    ),
    time_zone="Asia/Tokyo",
)
HEADERS = {
    "gb18030": ["订单号", "商品编码", "下单时间", "数量", "金额"],
    "cp932": ["注文番号", "商品コード", "注文日時", "個数", "金額"],
    "latin-1": ["Número", "Código", "Fecha", "Unidades", "Importe"],
    "utf-8-sig": ["订单号", "商品编码", "下单时间", "数量", "金额"],
    "utf-16": ["注文番号", "商品コード", "注文日時", "個数", "金額"],
}
DATES = {
    Days.YMD: ["2026/11/02 09:30", "2026-11-03 00:10"],
    Days.MDY: ["11/2/2026 9:30 AM", "11/03/2026 12:10 AM"],
    Days.DMY: ["02.11.2026 09:30", "3 nov 2026 00:10"],
}
AMOUNTS = {
    Decimals.POINT: ["1,234.50", "98"],
    Decimals.COMMA: ["1.234,50", "98,00"],
    Decimals.SPACE: ["1 234,5", "98"],
}


@pytest.mark.parametrize("encoding", HEADERS)
@pytest.mark.parametrize("days", DATES)
@pytest.mark.parametrize("decimals", AMOUNTS)
def test_the_same_orders_come_back_from_every_way_to_write_them(
    encoding: str, days: Days, decimals: Decimals
) -> None:
    """Five encodings, three date orders, three decimal styles, tabs or semicolons: one set of facts."""
    rows = [
        [f"O-{n}", f"杯-{n}" if encoding in ("gb18030", "utf-8-sig") else f"CUP-{n}", at, str(n + 1), amount]
        for n, (at, amount) in enumerate(zip(DATES[days], AMOUNTS[decimals], strict=True))
    ]
    content = csv_of(HEADERS[encoding], *rows, delimiter=";", encoding=encoding)
    layout = replace(OWN, days=days, decimals=decimals)
    for named in ("", encoding):
        result = mapped(content, replace(layout, encoding=named), JP)
        assert result.faults == []
        told: list[Any] = result.records()
        assert [(r.business_on, r.quantity, r.gross_amount) for r in told] == [
            (date(2026, 11, 2), 1, Decimal("1234.50")),
            (date(2026, 11, 3), 2, Decimal(98)),
        ]


def test_a_workbook_says_the_same_as_its_csv() -> None:
    """Below a title and a blank row, with numbers as numbers."""
    header = HEADERS["cp932"]
    book = xlsx_of(["売上"], [], header, ["O-0", "CUP-0", "2026/11/02 09:30", 1, 1234.5])
    flat = csv_of(header, ["O-0", "CUP-0", "2026/11/02 09:30", "1", "1,234.50"])
    assert mapped(book, OWN, JP).records() == mapped(flat, OWN, JP).records()


def test_amazons_orders_are_those_of_its_stream() -> None:
    """The same file handed in and fetched gives the same records, so neither disturbs the other."""
    text = files.orders_file(
        files.order_row("111-1"),
        files.order_row("111-1", quantity=2, item_price="40.00", item_tax="3.20"),
        files.order_row("111-2", order_status="Cancelled", quantity=0, fulfillment_channel="Merchant"),
        files.order_row("111-3", item_promotion_discount="-2.50", is_business_order="true"),
    )
    result = mapped(text.encode(), "amazon_all_orders", US)
    assert result.faults == []
    finish = DATASETS["orders"].finish
    assert finish is not None
    uploaded = {(r.platform_order_id, r.line_no): r for r in finish(result.records())}  # type: ignore[union-attr]
    stage = Amazon(documents={"GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": text})
    fetched = {
        (r.platform_order_id, r.line_no): r
        for page in pages_of("orders_report", stage, context(backfill_days=20), None)
        for r in page.records
        if isinstance(r, OrderLineRecord)
    }
    assert uploaded == fetched
    assert set(result.dropped) >= {"ship-city", "ship-postal-code", "purchase-order-number"}
    assert not any(word in str(result) for word in files.PRIVATE)


def test_amazons_settlements_are_those_of_its_stream() -> None:
    """The summary is carried down to the lines, which bear the same numbers."""
    text = files.settlement()
    result = mapped(text.encode(), "amazon_settlement_v2", US)
    assert result.faults == []
    lines: list[Any] = result.records()
    settled = {
        "reportId": "S1",
        "reportType": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
        "createdTime": "2026-11-16T00:00:00Z",
        "reportDocumentId": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
    }
    stage = Amazon(
        documents={"GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2": text},
        answers={"getReports": [{"reports": [settled]}]},
    )
    fetched = [
        r
        for page in pages_of("settlements", stage, context(backfill_days=20), None)
        for r in page.records
        if isinstance(r, SettlementLineRecord)
    ]
    same = [each.name for each in fields(SettlementLineRecord) if each.name != "source_updated_at"]
    assert [[getattr(r, n) for n in same] for r in lines] == [[getattr(r, n) for n in same] for r in fetched]


def test_shopifys_rows_take_over_what_their_order_says_once() -> None:
    """The second line of an order has no date or currency of its own; another order's are not taken."""
    header = [
        *("Name", "Email", "Fulfillment Status", "Currency", "Created at", "Lineitem quantity"),
        *("Lineitem price", "Lineitem sku", "Lineitem discount", "Shipping Name"),
    ]
    content = csv_of(
        header,
        ["#1", "a@b.c", "fulfilled", "USD", "2026-11-02 09:30:00 -0800", "2", "10.00", "A", "1.50", "Jane"],
        ["#1", "", "", "", "", "1", "5.00", "B", "", ""],
        ["#2", "x@b.c", "unfulfilled", "USD", "2026-11-03 09:30:00 -0800", "1", "7.00", "A", "", "Joe"],
    )
    result = mapped(content, "shopify_orders", US)
    assert result.faults == []
    lines: list[Any] = result.records()
    assert [(r.platform_order_id, r.sku, r.gross_amount, r.status) for r in lines] == [
        ("#1", "A", Decimal("20.00"), OrderStatus.SHIPPED),
        ("#1", "B", Decimal("5.00"), OrderStatus.SHIPPED),
        ("#2", "A", Decimal("7.00"), OrderStatus.UNSHIPPED),
    ]
    assert lines[0].buyer_hash == lines[1].buyer_hash != lines[2].buyer_hash
    assert "Jane" not in str(result)


def test_rakutens_prices_hold_the_tax() -> None:
    """Ten per cent of it in Japan; a cancelled order counts no units; a postage row has no SKU of ours."""
    header = ["注文番号", "注文日時", "ステータス", "商品管理番号", "単価", "個数", "注文者姓"]
    content = csv_of(
        header,
        ["1-1", "2026/11/02 00:30", "処理済", "cup", "1,100", "2", "山田"],
        ["1-2", "2026/11/02 23:30", "キャンセル確定", "cup", "1,100", "1", "鈴木"],
        encoding="cp932",
    )
    result = mapped(content, "rakuten_orders", JP)
    assert result.faults == []
    sold, cancelled = result.records()
    assert isinstance(sold, OrderLineRecord)
    assert isinstance(cancelled, OrderLineRecord)
    assert (sold.gross_amount, sold.tax_amount, sold.business_on) == (
        Decimal(2200),
        Decimal(200),
        date(2026, 11, 2),
    )
    assert (cancelled.quantity, cancelled.channel) == (0, FulfilmentChannel.MERCHANT)
    assert result.dropped == ("注文者姓",)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda each: each.key)
def test_a_file_is_recognised_by_its_header(profile: Profile) -> None:
    """A file of exactly a profile's columns is taken for that profile, or for one that is as sure."""
    header = list(dict.fromkeys(column.names[0] for column in profile.columns.values()))
    sheet = find_header(open_table(csv_of(header, ["x"] * len(header))))
    best = guess_profiles(sheet.header, PROFILES.values())
    sure = [each.profile.key for each in best if each.confidence == best[0].confidence]
    missing = {each.profile.key: each.missing for each in best}.get(profile.key)
    assert profile.key in sure or missing
