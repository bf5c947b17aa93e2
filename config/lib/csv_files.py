"""How text from files is written into a CSV again: no cell of it can start a formula in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> str:
    """The text of a cell; what a spreadsheet would run as a formula is led by an apostrophe."""
    text = "" if value is None else str(value).replace("\x00", "")
    plain = text.lstrip(" \u00a0\u3000")
    return f"'{text}" if plain.startswith(_ACTIVE) and not isinstance(value, int | Decimal) else text


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV by RFC 4180 in UTF-8 with a byte order mark, as spreadsheets expect it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in header])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
