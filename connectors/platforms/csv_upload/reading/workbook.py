"""How an XLSX becomes rows of cells, trusting no byte of it: sizes, parts and XML are checked first."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from config.lib.errors import AppError, PayloadTooLarge
from connectors.platforms.csv_upload.problems import unreadable
from connectors.platforms.csv_upload.reading.limits import (
    HEADER_ROWS,
    MAX_CELL,
    MAX_COLUMNS,
    MAX_PARTS,
    MAX_RATIO,
    MAX_ROWS,
    MAX_UNPACKED_BYTES,
    check_row,
)
from connectors.platforms.csv_upload.values import Cell

_SMALL = 2**20
_CHUNK = 2**16
# A document type is what entity attacks are written in; no workbook has one.
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_OVERLAP = max(len(mark) for mark in _FORBIDDEN)


def is_workbook(content: bytes) -> bool:
    """Tell whether the bytes are a ZIP archive, as every XLSX is."""
    return content.startswith(b"PK\x03\x04")


def read_workbook(content: bytes, sheet: str = "") -> Iterator[tuple[int, list[Cell]]]:
    """Yield the rows of a sheet (the first one unless named) that are not blank, each with its number."""
    check_archive(content)
    try:
        with warnings.catch_warnings():
            # Styles and extensions that the reader does not know concern no value.
            warnings.simplefilter("ignore")
            yield from _rows(content, sheet)
    except AppError:
        raise
    except Exception as error:
        # Whatever a damaged workbook makes the reader stumble over, the file is at fault.
        raise unreadable("xlsx", f"The workbook is damaged ({type(error).__name__}).") from error


def check_archive(content: bytes) -> None:
    """Refuse archives that are bombs, encrypted, or hold XML with a document type, before all else."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise PayloadTooLarge(f"A workbook has at most {MAX_PARTS} parts.")
            if any(part.flag_bits & 1 for part in parts):
                raise unreadable("encrypted", "The workbook is protected by a password.")
            if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise PayloadTooLarge(f"A workbook has at most {MAX_UNPACKED_BYTES // 2**20} MB unpacked.")
            for part in parts:
                if part.file_size > max(_SMALL, part.compress_size * MAX_RATIO):
                    raise PayloadTooLarge("The workbook is packed more tightly than any real one.")
                if part.filename.endswith((".xml", ".rels", ".vml")):
                    _check_xml(archive, part)
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, EOFError) as error:
        raise unreadable("xlsx", "The file is no workbook, or a damaged one.") from error


def _check_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            window = tail + chunk
            if any(mark in window for mark in _FORBIDDEN):
                raise unreadable("xml", "The workbook holds XML with a document type, which none needs.")
            tail = window[-_OVERLAP:]


class _Sheet(ReadOnlyWorksheet):
    """A sheet that is not searched for its size when it is opened.

    The library reads a sheet to its end for that wherever the writer did not tell, which takes seconds for
    20,000 rows; and what a file says of its own size is not believed anyway.
    """

    def _get_size(self) -> None:
        self.reset_dimensions()


class _Reader(ExcelReader):
    """The library's reader, with sheets that are read only as far as somebody asks."""

    def read_worksheets(self) -> None:
        """Open every sheet, and no chart."""
        for sheet, rel in self.parser.find_sheets():
            if rel.target in self.valid_files and "chartsheet" not in rel.Type:
                found = _Sheet(self.wb, sheet.name, rel.target, self.shared_strings)
                self.wb._sheets.append(found)  # type: ignore[attr-defined]  # the stubs know no list of sheets


def _opened(content: bytes) -> Workbook:
    reader = _Reader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.read()
    return reader.wb


def _rows(content: bytes, name: str) -> Iterator[tuple[int, list[Cell]]]:
    book = _opened(content)
    try:
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        if name and name not in sheets:
            raise unreadable("sheet", f"There is no sheet {name!r}; there are: {', '.join(sheets)[:200]}.")
        if not sheets:
            raise unreadable("sheet", "The workbook has no sheet.")
        sheet = sheets[name] if name else next(iter(sheets.values()))
        rows = sheet.iter_rows(max_row=MAX_ROWS + HEADER_ROWS + 1, max_col=MAX_COLUMNS + 1, values_only=True)
        for number, row in enumerate(rows, 1):
            if row.count(None) == len(row):
                check_row(number, 0)
                continue
            cells = [_cell(value, number) for value in row]
            while cells and cells[-1] == "":
                cells.pop()
            check_row(number, len(cells))
            if cells:
                yield number, cells
    finally:
        book.close()


def _cell(value: Any, number: int) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool | datetime | Decimal):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        # A workbook keeps numbers in binary; fifteen digits are what it shows and what was typed.
        return Decimal(f"{value:.15g}")
    if isinstance(value, date):
        return datetime.combine(value, time.min)
    text = str(value)
    if len(text) > MAX_CELL:
        raise unreadable("cell_too_long", f"Row {number} has a cell of more than {MAX_CELL} characters.")
    return text
