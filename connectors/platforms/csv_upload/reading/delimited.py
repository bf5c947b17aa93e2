"""How a CSV becomes rows of cells: strictly, whatever separates its columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Literal

from connectors.platforms.csv_upload.problems import unreadable
from connectors.platforms.csv_upload.reading.limits import MAX_CELL, check_row

DELIMITERS = (",", "\t", ";", "|")
_SNIFFED_LINES = 20


def sniff_delimiter(text: str) -> str:
    """The character that parts the first lines into the most columns, the same number in each."""
    lines = [line for line in text[:100_000].splitlines()[:_SNIFFED_LINES] if line.strip()]

    def quality(delimiter: str) -> tuple[int, int]:
        widths = [len(next(csv.reader([line], delimiter=delimiter), [])) for line in lines]
        widest = max(widths, default=0)
        return (widths.count(widest) if widest > 1 else 0, widest)

    return max(DELIMITERS, key=quality) if lines else ","


def read_delimited(text: str, delimiter: str = "") -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with its number (the first line is 1)."""
    delimiter = delimiter or sniff_delimiter(text)
    # Flat files by tab hardly ever quote, and a product's name may hold a single inch mark.
    quoting: Literal[0, 3] = (
        csv.QUOTE_NONE if delimiter == "\t" and not _is_quoted(text) else csv.QUOTE_MINIMAL
    )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, quoting=quoting)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            check_row(number, len(cells))
            if any(len(cell) > MAX_CELL for cell in cells):
                raise unreadable(
                    "cell_too_long", f"Row {number} has a cell of more than {MAX_CELL} characters."
                )
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise unreadable("csv", f"Row {number + 1} is no CSV: {error}.") from error


def _is_quoted(text: str) -> bool:
    return text[:1] == '"'
