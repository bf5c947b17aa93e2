"""Files as people hand them in, made by the tests themselves."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import openpyxl

from connectors.platforms.common.moments import ShopClock
from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.platforms.csv_upload.fields import Dataset, RowContext
from connectors.platforms.csv_upload.mapping import Mapped, map_sheet
from connectors.platforms.csv_upload.profile import Profile
from connectors.platforms.csv_upload.profiles import PROFILES
from connectors.platforms.csv_upload.table import find_header, open_table
from connectors.types import StoreRef

RECEIVED = datetime(2026, 11, 21, 12, tzinfo=UTC)
US = StoreRef(1, 1, "fake", "US", "FAKE-US", "Fake US", "USD", "America/Los_Angeles")
JP = StoreRef(2, 1, "rakuten", "JP", "rakuten-jp", "Rakuten", "JPY", "Asia/Tokyo")


def csv_of(
    header: Sequence[str], *rows: Sequence[str], delimiter: str = ",", encoding: str = "utf-8"
) -> bytes:
    """A CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([header, *rows])
    return out.getvalue().encode(encoding)


def xlsx_of(*rows: Sequence[Any], sheet: str = "Sheet1") -> bytes:
    """A workbook with one sheet."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """A workbook with some parts replaced or added; "/" is written "__" and "." "_dot_"."""
    out = io.BytesIO()
    named = {name.replace("__", "/").replace("_dot_", "."): body for name, body in parts.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if item.filename not in named:
                new.writestr(item.filename, old.read(item))
        for name, body in named.items():
            new.writestr(name, body)
    return out.getvalue()


def context_of(store: StoreRef = US) -> RowContext:
    """What rows of an upload to a store may know."""
    return RowContext(store, ShopClock(store.time_zone), RECEIVED, b"pepper")


def mapped(content: bytes, profile: str | Profile, store: StoreRef = US) -> Mapped:
    """A file read by a profile."""
    layout = PROFILES[profile] if isinstance(profile, str) else profile
    table = open_table(content, encoding=layout.encoding, delimiter=layout.delimiter, sheet=layout.sheet)
    return map_sheet(DATASETS[layout.dataset], layout, find_header(table, layout), context_of(store))


def example_row(dataset: Dataset) -> dict[str, str]:
    """The examples of a dataset's fields: a row that its reference promises to be right."""
    return {each.name: each.example for each in dataset.fields if each.example}
