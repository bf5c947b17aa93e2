"""A file opened: its rows in the encoding it was written in, and where its header stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice

from connectors.platforms.csv_upload.problems import unreadable
from connectors.platforms.csv_upload.profile import Profile, header_key
from connectors.platforms.csv_upload.reading.delimited import read_delimited, sniff_delimiter
from connectors.platforms.csv_upload.reading.encodings import decode
from connectors.platforms.csv_upload.reading.limits import HEADER_ROWS, check_size
from connectors.platforms.csv_upload.reading.workbook import is_workbook, read_workbook
from connectors.platforms.csv_upload.values import Cell, as_text

Row = tuple[int, list[Cell]]
_ALL = Decimal("1.00")


@dataclass(frozen=True, slots=True)
class OpenTable:
    """The rows of a file, not read yet, and how it was read: `confidence` (0 to 1) is that of the encoding.

    Of a workbook `encoding` is "xlsx" and `delimiter` is empty.
    """

    rows: Iterator[Row]
    encoding: str
    confidence: Decimal
    delimiter: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its header found: `header` are the names as they stand, `rows` what lies below."""

    header: tuple[str, ...]
    header_row: int
    rows: Iterator[Row]


def open_table(content: bytes, *, encoding: str = "", delimiter: str = "", sheet: str = "") -> OpenTable:
    """Open a CSV or XLSX by what its first bytes say; what is named wins over what would be found out."""
    check_size(content)
    if not content.strip():
        raise unreadable("empty", "The file is empty.")
    if is_workbook(content):
        return OpenTable(read_workbook(content, sheet), "xlsx", _ALL, "")
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise unreadable("xls", "This is an old XLS or a protected workbook; save it as XLSX or CSV.")
    text, guess = decode(content, encoding)
    if "\x00" in text:
        raise unreadable("binary", "The file is neither a CSV nor an XLSX.")
    mark = delimiter or sniff_delimiter(text)
    rows: Iterator[Row] = ((number, list(cells)) for number, cells in read_delimited(text, mark))
    return OpenTable(rows, guess.encoding, guess.confidence, mark)


def find_header(table: OpenTable, profile: Profile | None = None) -> Sheet:
    """Find the header among the first rows: the one that names most of the profile's columns.

    Reports like to begin with a title and a date. `TableUnreadable` for an empty table, and for a name that
    stands in the header twice.
    """
    first = list(islice(table.rows, HEADER_ROWS))
    if not first:
        raise unreadable("empty", "The file is empty.")
    at = 0
    if profile is not None:
        hits = [_hits(cells, profile) for _, cells in first]
        at = hits.index(max(hits))
    number, cells = first[at]
    header = tuple(as_text(cell) for cell in cells)
    names = [header_key(name) for name in header if name]
    twice = sorted({name for name in names if names.count(name) > 1})
    wanted = {name for names in profile.needed for name in names} if profile else set(names)
    if set(twice) & wanted:
        raise unreadable("column_twice", f"The header names {', '.join(twice)[:200]} twice.")
    return Sheet(header, number, chain(first[at + 1 :], table.rows))


def _hits(cells: list[Cell], profile: Profile) -> int:
    names = {header_key(cell) for cell in cells if isinstance(cell, str)}
    return sum(1 for alternatives in profile.needed if names.intersection(alternatives))
