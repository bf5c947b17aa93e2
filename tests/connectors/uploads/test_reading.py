"""Are files opened in every encoding and layout, and refused when they are damaged, dangerous too large?"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from decimal import Decimal

import pytest

from config.lib.errors import AppError, PayloadTooLarge
from connectors.platforms.csv_upload.problems import TableUnreadable
from connectors.platforms.csv_upload.reading import limits
from connectors.platforms.csv_upload.reading.encodings import guess_encoding
from connectors.platforms.csv_upload.table import find_header, open_table
from tests.connectors.uploads.files import csv_of, repacked, xlsx_of

CHINESE = (
    "店铺名称,商品编码,下单时间,数量,实付金额\n"
    "深圳旗舰店,杯子-750,2026-11-02,3,128.50\n退款原因：质量问题,箱子,2026-11-03,1,60\n"
)
JAPANESE = (
    "注文番号,注文日時,商品名,個数\n"
    "123-1,2026/11/02,ステンレスボトル 大,2\n124-1,2026/11/03,お茶のセット（送料無料）,1\n"
)
WESTERN = "# de venta,Descripción,Tamaño\n1,Botella térmica de acero,Pequeño\n2,Café orgánico,Único\n"


@pytest.mark.parametrize(
    ("text", "encoding", "guessed"),
    [
        (CHINESE, "gb18030", "gb18030"),
        (JAPANESE, "cp932", "cp932"),
        (WESTERN, "latin-1", "latin-1"),
        (CHINESE, "utf-8", "utf-8-sig"),
        (JAPANESE, "utf-8-sig", "utf-8-sig"),
        (JAPANESE, "utf-16", "utf-16"),
        ("sku,quantity\nA,1\n", "ascii", "utf-8-sig"),
    ],
)
def test_an_encoding_is_found_and_its_confidence_stated(text: str, encoding: str, guessed: str) -> None:
    """The text comes back letter by letter; only Unicode and ASCII are (almost) certain."""
    content = text.encode(encoding)
    guess = guess_encoding(content)
    assert guess.encoding == guessed
    assert (guess.confidence >= Decimal("0.99")) == guessed.startswith("utf")
    assert guess.confidence > Decimal("0.5")
    rows = [cells for _, cells in open_table(content).rows]
    assert rows == [line.split(",") for line in text.splitlines()]


def test_what_is_named_wins_over_what_is_guessed() -> None:
    """An explicit encoding that does not fit is refused, never replaced or patched."""
    content = JAPANESE.encode("cp932")
    with pytest.raises(TableUnreadable, match="utf-8"):
        open_table(content, encoding="utf-8-sig")
    assert open_table(content, encoding="latin-1").encoding == "latin-1"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_are_found(delimiter: str) -> None:
    """By the number of columns they make."""
    content = csv_of(["sku", "price", "note"], ["A", "1", "x"], ["B", "2", "y"], delimiter=delimiter)
    table = open_table(content)
    assert table.delimiter == delimiter
    assert [cells for _, cells in table.rows] == [["sku", "price", "note"], ["A", "1", "x"], ["B", "2", "y"]]


def test_a_workbook_gives_typed_cells() -> None:
    """Numbers to fifteen digits, dates as dates, blank rows left out, rows keep their numbers."""
    moment = datetime(2026, 11, 2, 9, 30)  # noqa: DTZ001
    content = xlsx_of(["sku", "price", "at"], [], ["A", 12.3, moment], ["B", 0.1 + 0.2, None])
    rows = list(open_table(content).rows)
    assert rows[1:] == [(3, ["A", Decimal("12.3"), moment]), (4, ["B", Decimal("0.3")])]
    named = xlsx_of(["sku"], ["A"], sheet="数据")
    assert [number for number, _ in open_table(named, sheet="数据").rows] == [1, 2]
    with pytest.raises(TableUnreadable, match="数据"):
        list(open_table(named, sheet="data").rows)


def test_a_header_may_stand_below_a_title() -> None:
    """Without a profile the first row is the header."""
    sheet = find_header(open_table(csv_of(["sku", "qty"], ["A", "1"])))
    assert (sheet.header, sheet.header_row) == (("sku", "qty"), 1)


def bomb(size: int) -> bytes:
    """A workbook whose sheet is a megabyte of nothing, over and over."""
    return repacked(xlsx_of(["a"]), xl__worksheets__sheet1_dot_xml=b"<worksheet>" + b" " * size)


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><worksheet>&c;</worksheet>'
)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (bomb(60 * 2**20), PayloadTooLarge),
        (bomb(120 * 2**20), PayloadTooLarge),
        (repacked(xlsx_of(["a"]), **{f"p{n}_dot_xml": b"" for n in range(1001)}), PayloadTooLarge),
        (repacked(xlsx_of(["a"]), xl__worksheets__sheet1_dot_xml=ENTITIES), TableUnreadable),
        (
            repacked(xlsx_of(["a"]), xl__worksheets__sheet1_dot_xml=b"<worksheet><sheetData><row"),
            TableUnreadable,
        ),
        (repacked(xlsx_of(["a"]), xl__workbook_dot_xml=b""), TableUnreadable),
        (xlsx_of(["a"])[:-40], TableUnreadable),
        (xlsx_of(["a"])[:200], TableUnreadable),
        (b"PK\x03\x04nonsense", TableUnreadable),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", TableUnreadable),
        (b"", TableUnreadable),
        (b" \n \n", TableUnreadable),
        (b"a,b\n\x00\x01,2\n", TableUnreadable),
        (b'a,b\n"never closed,2\n', TableUnreadable),
        (b"a" * (limits.MAX_BYTES + 1), PayloadTooLarge),
        (b"a," * 600 + b"\n", PayloadTooLarge),
        (b"a,b\n" + b"x" * 40_000 + b",1\n", TableUnreadable),
        (b"a\n" + b"1\n" * (limits.MAX_ROWS + limits.HEADER_ROWS), PayloadTooLarge),
        ("sku,数量\n".encode("gb18030") + b"\x81\x30\n", TableUnreadable),
    ],
    # Zipped sizes differ from run to run, so they are no names for processes that share the work out.
    ids=lambda each: each.__name__ if isinstance(each, type) else "",
)
def test_what_is_damaged_or_dangerous_is_refused(content: bytes, error: type[AppError]) -> None:
    """With a reason, and within the limits of memory: nothing is unpacked that is too large."""
    with pytest.raises(error) as refused:
        list(open_table(content, encoding="gb18030" if b"\x81\x30" in content[-4:] else "").rows)
    assert refused.value.detail


def test_a_workbook_is_read_only_as_far_as_asked() -> None:
    """A header does not cost a look at the whole sheet: what is broken far below it is not met."""
    rows = b"".join(b"<row><c><v>%d</v></c></row>" % number for number in range(20_000))
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + rows
    table = open_table(repacked(xlsx_of(["a"]), xl__worksheets__sheet1_dot_xml=sheet))
    assert find_header(table).header == ("0",)
    with pytest.raises(TableUnreadable):
        list(table.rows)


def test_an_encrypted_workbook_is_refused() -> None:
    """It cannot be read without its password."""
    content = bytearray(xlsx_of(["a"]))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        offset = archive.infolist()[0].header_offset
    content[offset + 6] |= 1
    start = content.find(b"PK\x01\x02")
    content[start + 8] |= 1
    with pytest.raises(TableUnreadable, match="password"):
        list(open_table(bytes(content)).rows)


def test_a_far_cell_does_not_fill_the_memory() -> None:
    """A sheet whose only cell is in its last row and column is too large, not a million empty rows."""
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    with pytest.raises(PayloadTooLarge):
        list(open_table(repacked(xlsx_of(["a"]), xl__worksheets__sheet1_dot_xml=sheet)).rows)


def test_a_name_that_stands_twice_is_refused() -> None:
    """Which of the two columns is meant cannot be known."""
    with pytest.raises(TableUnreadable, match="twice"):
        find_header(open_table(csv_of(["SKU", "sku", "qty"], ["A", "B", "1"])))
