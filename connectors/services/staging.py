"""How a page's records become the bytes that COPY reads, and what else of a page needs no database."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from operator import itemgetter
from typing import Any

import msgspec
from django.db import models

from connectors.engine.errors import StreamMisbehaved
from connectors.engine.protocol import Page
from connectors.services.statements import NULL, SEPARATOR
from connectors.services.tables import TABLES, TableSpec
from connectors.types import Record, RejectedRow

_JSON = msgspec.json.Encoder(decimal_format="string")
_RAW_COMPRESSION = 1
_INT_LIMIT = 2**31


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one fact table in a page: what COPY reads, and the records it was made of.

    `sets` joins the different values of the table's `replace_scope`, `days` are the shop days of the records;
    both are empty where the table has no scope. `is_plain` says that every record is one line of `body` and
    every set in `sets`.
    """

    spec: TableSpec
    records: Sequence[Record]
    body: bytes
    is_plain: bool
    has_duplicates: bool
    sets: str
    days: frozenset[date]

    def led_by(self, *values: object) -> bytes:
        """Return the plain body with the same values in front of every line."""
        lead = "".join(f"{value}," for value in values).encode()
        return lead + self.body[:-1].replace(b"\n", b"\n" + lead) + b"\n"


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """A page with everything done to it that needs no database, so that it can be done beside one."""

    page: Page
    batches: tuple[Batch, ...]
    raw: bytes
    raw_sha256: str

    @property
    def rows_read(self) -> int:
        """How many rows the page held, those that could not be understood included."""
        return len(self.page.records) + len(self.page.rejected)


def prepare(page: Page) -> PreparedPage:
    """Group the records by table, render them, compress the raw body. Touches no database."""
    by_class: dict[type[Record], list[Record]] = {}
    for record in page.records:
        by_class.setdefault(type(record), []).append(record)
    unknown = by_class.keys() - TABLES.keys()
    if unknown:
        raise StreamMisbehaved(f"no fact table takes {', '.join(sorted(c.__name__ for c in unknown))}")
    return PreparedPage(
        page=page,
        batches=tuple(
            make_batch(spec, by_class[record]) for record, spec in TABLES.items() if record in by_class
        ),
        raw=zlib.compress(page.raw, _RAW_COMPRESSION) if page.raw else b"",
        raw_sha256=hashlib.sha256(page.raw).hexdigest() if page.raw else "",
    )


def make_batch(spec: TableSpec, records: Sequence[Record]) -> Batch:
    """Render the records of one table."""
    rows = spec.rows(records)
    keys = set(map(_picker(spec, *spec.key), rows))
    body, is_plain = _render(rows)
    sets: set[str] = set()
    days: set[date] = set()
    if spec.replace_scope:
        sets = set(map(_picker(spec, spec.replace_scope), rows))
        days = {day for column in spec.days for day in map(_picker(spec, column), rows)}
    named = sorted(name for name in sets if name and SEPARATOR not in name and "\x00" not in name)
    return Batch(
        spec=spec,
        records=records,
        body=body,
        is_plain=is_plain and len(named) == len(sets),
        has_duplicates=len(keys) < len(rows),
        sets=SEPARATOR.join(named),
        days=frozenset(days),
    )


def _picker(spec: TableSpec, *columns: str) -> Callable[[tuple[Any, ...]], Any]:
    return itemgetter(*map(spec.columns.index, columns))


def _render(rows: list[tuple[Any, ...]]) -> tuple[bytes, bool]:
    """Return the rows as the CSV that `Statements.copy` reads, and whether that is a line for each.

    JSON arrays of plain values are CSV with every text quoted, and nothing writes them quicker. Where that
    does not hold (an escape, a text that looks like the end of an array) the page is written field by field.
    """
    if not rows:
        return b"", True
    body = _JSON.encode(rows)[2:-2].replace(b"],[", b"\n") + b"\n"
    if body.count(b"\n") != len(rows) or b"\\" in body:
        return "".join(",".join(map(_quoted, row)) + "\n" for row in rows).encode(), False
    return body, True


def _quoted(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    return '"' + str(value).replace('"', '""') + '"'


def split_unstorable(
    spec: TableSpec, records: Iterable[Record]
) -> tuple[list[Record], tuple[RejectedRow, ...]]:
    """Part records that fit their columns from those that do not, after the database refused a page.

    One text that is too long must not keep the whole page, and with it the stream, from going on.
    """
    good: list[Record] = []
    bad: list[RejectedRow] = []
    for record in records:
        reason = _unstorable_reason(spec, record)
        if reason:
            key = {column: str(getattr(record, column))[:80] for column in spec.key}
            raw = {column: text.replace("\x00", "\ufffd") for column, text in key.items()}
            bad.append(RejectedRow(pointer="/".join(raw.values())[:200], reason=reason, raw=raw))
        else:
            good.append(record)
    return good, tuple(bad)


def _unstorable_reason(spec: TableSpec, record: Record) -> str:
    for column in spec.columns:
        value = getattr(record, column)
        field = spec.model._meta.get_field(column)
        if isinstance(value, str) and not isinstance(value, StrEnum):
            limit = getattr(field, "max_length", None)
            if "\x00" in value:
                return f"{column} holds a NUL character"
            if limit is not None and len(value) > limit:
                return f"{column} is longer than {limit} characters"
        elif isinstance(value, Decimal) and isinstance(field, models.DecimalField):
            whole = (field.max_digits or 0) - (field.decimal_places or 0)
            if not value.is_finite() or abs(value) >= Decimal(10) ** whole:
                return f"{column} is no number of at most {whole} digits"
        elif isinstance(value, int) and not -_INT_LIMIT <= value < _INT_LIMIT:
            return f"{column} is too large"
    return ""
