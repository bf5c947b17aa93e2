"""Texts of reports mean what they say: numbers, instants, encodings, tables, whatever the market writes."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.platforms.common.documents import decode, inflate
from connectors.platforms.common.moments import (
    DayOrder,
    InstantReader,
    ShopClock,
    instant_text,
    parse_day,
    parse_instant,
)
from connectors.platforms.common.numbers import (
    AmountReader,
    CountReader,
    json_count,
    json_decimal,
    parse_count,
    parse_decimal,
)
from connectors.platforms.common.privacy import buyer_hash, keep
from connectors.platforms.common.problems import (
    AnswerUnreadable,
    ColumnsMissing,
    DocumentDamaged,
    DocumentUnreadable,
)
from connectors.platforms.common.steps import read_json
from connectors.platforms.common.tables import Table


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.50", "12.50"),
        ("-3", "-3"),
        (" 1,234.50 ", "1234.50"),
        ("1.234,50", "1234.50"),
        ("12,5", "12.5"),
        ("1,234", "1234"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("-1.234.567,89", "-1234567.89"),
        ("0.001", "0.001"),
    ],
)
def test_a_number_is_read_with_either_decimal_mark(text: str, value: str) -> None:
    """Decimal commas, grouped thousands and yen without decimals all mean their number."""
    assert parse_decimal(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "abc", "1e5", "NaN", "Infinity", "1,23,4", "１２", "--1", "1.2.3", "12,34.5"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    """Nothing is guessed: not exponents, not NaN, not oddly grouped digits."""
    with pytest.raises(ValueError, match="no number"):
        parse_decimal(text)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False, allow_infinity=False))
def test_numbers_survive_every_way_of_writing_them(value: Decimal) -> None:
    """The same amount written with points, commas and groups reads back exactly."""
    english = f"{value:,.2f}"
    european = english.translate(str.maketrans(",.", ".,"))
    assert parse_decimal(f"{value:.2f}") == parse_decimal(english) == parse_decimal(european) == value


def test_readers_parse_a_text_once_and_read_empty_as_zero() -> None:
    """The cell readers give zero for empty and refuse nonsense."""
    assert AmountReader()[""] == 0
    assert AmountReader()[" "] == 0
    assert CountReader()["3"] == 3
    with pytest.raises(ValueError, match="whole number"):
        CountReader()["1.5"]
    with pytest.raises(ValueError, match="no number"):
        AmountReader()["x"]


def test_json_numbers_never_pass_through_a_float() -> None:
    """18.11 in JSON is exactly 18.11; a float handed in by mistake is refused."""
    value = read_json(b'{"amount": 18.11, "count": 3}')
    assert json_decimal(value["amount"]) == Decimal("18.11")
    assert json_count(value["count"]) == 3
    assert json_count(None) == 0
    with pytest.raises(ValueError, match="no number"):
        json_decimal(1.5)
    with pytest.raises(ValueError, match="no number"):
        json_decimal(True)
    with pytest.raises(AnswerUnreadable):
        read_json(b"<html>")
    assert parse_count("7") == 7


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-06 08:52:26 UTC", datetime(2026, 3, 6, 8, 52, 26, tzinfo=UTC)),
        ("06.03.2026 08:52:26 UTC", datetime(2026, 3, 6, 8, 52, 26, tzinfo=UTC)),
        ("2026/03/06 17:52:26 JST", datetime(2026, 3, 6, 8, 52, 26, tzinfo=UTC)),
        ("2026-03-06T08:52:26+00:00", datetime(2026, 3, 6, 8, 52, 26, tzinfo=UTC)),
        ("2026-03-06T00:52:26-08:00", datetime(2026, 3, 6, 8, 52, 26, tzinfo=UTC)),
        ("2026-03-06T08:52:26Z", datetime(2026, 3, 6, 8, 52, 26, tzinfo=UTC)),
        ("03/06/2026 00:52:26 PST", datetime(2026, 3, 6, 8, 52, 26, tzinfo=UTC)),
    ],
)
def test_instants_are_read_in_every_market_s_way(text: str, at: datetime) -> None:
    """ISO, dotted, slashed; offsets and abbreviations."""
    assert parse_instant(text) == at
    assert parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["2026-03-06 08:52:26", "2026-03-06 08:52:26 XYZ", "yesterday", "", "32.13.2026 UTC"]
)
def test_an_instant_without_a_zone_is_refused(text: str) -> None:
    """Guessing a zone would move orders between days."""
    with pytest.raises(ValueError):
        parse_instant(text)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("11/05/26", DayOrder.MONTH_FIRST, date(2026, 11, 5)),
        ("11/05/2026", DayOrder.MONTH_FIRST, date(2026, 11, 5)),
        ("26/11/05", DayOrder.YEAR_FIRST, date(2026, 11, 5)),
        ("2026/11/05", DayOrder.YEAR_FIRST, date(2026, 11, 5)),
        ("05/11/2026", DayOrder.DAY_FIRST, date(2026, 11, 5)),
        ("05.11.2026", DayOrder.MONTH_FIRST, date(2026, 11, 5)),
        ("2026-11-05", DayOrder.MONTH_FIRST, date(2026, 11, 5)),
    ],
)
def test_days_are_read_in_the_market_s_order(text: str, order: DayOrder, day: date) -> None:
    """Slashes are ambiguous, so the market decides; dots are day first everywhere."""
    assert parse_day(text, order) == day


@given(
    at=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(
        ["America/Los_Angeles", "Asia/Tokyo", "America/Mexico_City", "Asia/Kolkata", "Pacific/Chatham"]
    ),
)
def test_the_shop_clock_agrees_with_the_zone(at: datetime, zone: str) -> None:
    """The remembered day of a quarter hour is the true day, across daylight saving and odd offsets."""
    from zoneinfo import ZoneInfo

    clock = ShopClock(zone)
    assert clock.day(at.replace(minute=at.minute // 15 * 15)) is not None
    day = clock.day(at)
    assert day == at.astimezone(ZoneInfo(zone)).date()
    assert clock.start_of(day) <= at < clock.end_of(day)
    assert parse_instant(instant_text(at)) == at.replace(microsecond=0)


def test_documents_unpack_within_bounds() -> None:
    """Truncated and corrupt gzip are damaged; a bomb is refused; several members are one document."""
    packed = gzip.compress(b"a\tb\n" * 1000)
    assert inflate(packed) == b"a\tb\n" * 1000
    assert inflate(packed + gzip.compress(b"x")) == b"a\tb\n" * 1000 + b"x"
    assert inflate(b"plain") == b"plain"
    for broken in (packed[:-9], packed[:-4] + b"\0\0\0\0", packed[:20]):
        with pytest.raises(DocumentDamaged):
            inflate(broken)
    with pytest.raises(DocumentUnreadable, match="more than 100 bytes"):
        inflate(gzip.compress(b"0" * 101), limit=100)


@pytest.mark.parametrize(
    ("data", "content_type", "market", "text"),
    [
        ("é".encode("cp1252"), "text/plain; charset=Cp1252", "US", "é"),
        ("é".encode(), "text/plain;charset=UTF-8", "US", "é"),
        ("﻿é".encode(), "text/plain; charset=Cp1252", "US", "é"),
        ("é".encode("utf-16"), "", "US", "é"),
        ("é".encode("latin-1"), "text/plain; charset=ISO-8859-1", "US", "é"),
        ("カップ".encode("cp932"), "text/plain", "JP", "カップ"),
        ("カップ".encode("cp932"), "text/plain; charset=Shift_JIS", "JP", "カップ"),
        ("カップ①".encode("cp932"), "text/plain; charset=Shift_JIS", "JP", "カップ①"),
        ("カップ".encode(), "", "JP", "カップ"),
        ("é".encode("cp1252"), "text/plain; charset=no-such-thing", "US", "é"),
    ],
)
def test_text_is_decoded_by_mark_header_and_market(
    data: bytes, content_type: str, market: str, text: str
) -> None:
    """A byte order mark wins, then the header, then what the market writes; nothing is replaced."""
    assert decode(data, {"content-type": content_type}, market) == text


def test_text_in_no_known_encoding_is_refused() -> None:
    """Bytes that no encoding of the list allows are an error, never question marks."""
    with pytest.raises(DocumentUnreadable):
        decode(b"\xff\x81\x81\xff\x81", {"content-type": "text/plain; charset=ascii"}, "JP")


def test_columns_are_found_by_name() -> None:
    """Order, case and unknown columns do not matter; personal columns are never kept."""
    table = Table(
        "report", "X\tName\tNew\tsku\r\n1\tJane\t?\tA\r\n", required=["sku", "x"], personal=["name"]
    )
    assert table.unknown == ("new",)
    assert [row for _, row in table.rows()] == [["1", "Jane", "?", "A"]]
    assert table.raw(row for _, row in table.rows()) == b"sku\tx\nA\t1"
    assert table.place("nothing") == -1


def test_a_missing_required_column_is_named() -> None:
    """The message says which report lacks which column."""
    with pytest.raises(ColumnsMissing, match="orders has no column asin, sku"):
        Table("orders", "a\tb\n", required=["sku", "asin", "a"])


def test_a_column_named_twice_is_refused() -> None:
    """With a doubled header nobody knows which cell is meant."""
    with pytest.raises(DocumentUnreadable, match="sku"):
        Table("orders", "sku\tsku\n", required=["sku"])


def test_quotes_are_cells_in_unquoted_files_and_quoting_in_quoted_ones() -> None:
    """An inch mark in a product name does not swallow the rest of the file; quoted files are unquoted."""
    plain = Table("r", 'sku\tname\nA\t7" cup\nB\tpot\n', required=["sku"])
    assert [row[1] for _, row in plain.rows()] == ['7" cup', "pot"]
    quoted = Table("r", '"sku"\t"name"\n"A"\t"7"" cup"\n', required=["sku"])
    assert [row[1] for _, row in quoted.rows()] == ['7" cup']
    assert list(quoted.column("sku")) == [(1, "A")]


def test_zero_bytes_blank_lines_and_single_columns_do_no_harm() -> None:
    """Amazon pads empty cells with zero bytes; blank lines keep their numbers."""
    table = Table("r", "\ufeffsku\nA\0\0\n\nB\n", required=["sku"])
    assert list(table.rows()) == [(1, ["A"]), (3, ["B"])]
    assert table.raw(row for _, row in table.rows()) == b"sku\nA\nB"
    assert Table("r", "", required=["sku"]).is_blank


def test_a_buyer_is_known_by_a_keyed_hash_only() -> None:
    """Same buyer, same hash; another client's pepper, another hash; no buyer, no hash."""
    assert buyer_hash(b"one", " A@b.c ") == buyer_hash(b"one", "a@B.c")
    assert buyer_hash(b"one", "a@b.c") != buyer_hash(b"two", "a@b.c")
    assert len(buyer_hash(b"one", "a@b.c")) == 64
    assert buyer_hash(b"one", "") == ""


def test_only_named_members_are_kept() -> None:
    """An allow-list: what is not named is gone, at every depth and in lists."""
    shape = {"a": True, "b": {"c": True}}
    assert keep({"a": 1, "x": 2, "b": [{"c": 3, "d": 4}]}, shape) == {"a": 1, "b": [{"c": 3}]}
    assert keep({"b": "text"}, shape) == {"b": None}


@pytest.mark.parametrize("end", ["1\t2\n3", "1\t2\n3\t4\n5"])
def test_a_table_that_breaks_off_in_a_row_is_damaged(end: str) -> None:
    """A short last row without a line end: what stood behind it is missing and nobody knows how much."""
    table = Table("REPORT", f"a\tb\n{end}", required=("a", "b"))
    *_, (number, row) = table.rows()
    with pytest.raises(DocumentDamaged, match="breaks off"):
        table.ragged(number, row)


@pytest.mark.parametrize("text", ["a\tb\n1\n", "a\tb\n1\n2\t3", "a\tb\n1\t2\t3"])
def test_a_ragged_row_that_is_not_cut_off_is_rejected_alone(text: str) -> None:
    """Other rows of a wrong width are set apart; the rest of the document is read."""
    table = Table("REPORT", text, required=("a", "b"))
    assert table.ragged(*next(table.rows())).reason.endswith("cells where the header has 2")


WRITTEN = (
    "2026-03-06T08:52:26+00:00",
    "2026-03-06T08:52:26Z",
    "2026-03-06T17:52:26+09:00",
    "06.03.2026 08:52:26 UTC",
    "2026-11-01T07:59:59Z",
)


@given(texts=st.lists(st.sampled_from(WRITTEN), max_size=6))
def test_a_column_of_instants_is_read_as_each_of_them(texts: list[str]) -> None:
    """The quick way for plain UTC, the other one, and the shop days of both."""
    found = InstantReader().read(texts)
    assert found == [parse_instant(text) for text in texts]
    assert all(at.tzinfo is UTC for at in found)
    assert ShopClock("America/Los_Angeles").days(found) == [
        ShopClock("America/Los_Angeles").day(at) for at in found
    ]


@pytest.mark.parametrize("text", ["2026-03-06T08:52:26", "", "soon"])
def test_a_column_with_an_instant_nobody_can_read_is_refused(text: str) -> None:
    """A text without a zone is no instant, whatever stands beside it."""
    with pytest.raises(ValueError):
        InstantReader().read(["2026-03-06T08:52:26Z", text])
