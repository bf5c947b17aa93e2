"""How the rows of a file become records of a dataset, with each wrong cell named by row and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

from connectors.platforms.csv_upload.fields import Dataset, Field, Kind, RowContext
from connectors.platforms.csv_upload.profile import SHOP_TIME, Column, Profile, header_key
from connectors.platforms.csv_upload.table import Sheet
from connectors.platforms.csv_upload.values import Cell, Styles, as_text, read_cell
from connectors.types import Record

MAX_FAULTS = 500
_RENAMED = {"platform_order_id": "order_id", "buyer_hash": "buyer", "source_updated_at": "updated_at"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file: row (1 is the first line), column as the file names it, and field.

    What stood in the cell is not repeated: it may be somebody's name in the wrong column.
    """

    row: int
    column: str
    field: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A row that was understood: its values by field, and the record if the dataset makes one."""

    row: int
    values: Mapping[str, Any]
    record: Record | None


@dataclass(slots=True)
class Mapped:
    """A file as understood. `faults` holds the first `MAX_FAULTS`, `fault_count` counts all of them and
    `rejected` the rows they stand in. `duplicates` counts rows that say the same as an earlier one,
    `broken_keys` are the sets (see `Dataset.scope`) that a rejected row belongs to."""

    rows: list[MappedRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    rejected: set[int] = field(default_factory=set)
    rows_read: int = 0
    duplicates: int = 0
    ignored: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    broken_keys: set[str] = field(default_factory=set)

    def add(self, fault: Fault) -> None:
        """Note a fault."""
        self.fault_count += 1
        self.rejected.add(fault.row)
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(fault)

    def records(self) -> list[Record]:
        """The records in the order of the file."""
        return [row.record for row in self.rows if row.record is not None]


class Reader:
    """Reads rows of one layout into one dataset."""

    def __init__(self, dataset: Dataset, profile: Profile, sheet: Sheet, context: RowContext) -> None:
        zone = context.store.time_zone if profile.time_zone == SHOP_TIME else profile.time_zone
        self._dataset, self._profile, self._context = dataset, profile, context
        self._styles = Styles(profile.decimals, profile.days, ZoneInfo(zone))
        self._sheet = sheet
        self._words = {
            name: {key.casefold(): word for key, word in words.items()}
            for name, words in profile.words.items()
        }
        places = {header_key(name): at for at, name in reversed(list(enumerate(sheet.header))) if name}
        self._places: dict[str, int] = {}
        for name, column in profile.columns.items():
            at = next((places[header_key(n)] for n in column.names if header_key(n) in places), None)
            if at is not None:
                self._places[name] = at
        self._carried: dict[str, Cell] = {}
        self._within: Cell = ""

    def missing(self) -> list[Fault]:
        """The required fields that neither a column nor a constant of the file gives."""
        return [
            Fault(self._sheet.header_row, self._expected(each), each.name, "column_missing", detail)
            for each in self._dataset.fields
            if each.required and each.name not in self._places and each.name not in self._profile.constants
            for detail in [f"The column for {each.name} is missing: {self._expected(each)}."]
        ]

    def unused(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The columns that are not read, and those among them that are known to hold somebody's data."""
        used = set(self._places.values())
        personal = {header_key(name) for name in self._profile.personal}
        rest = [name for at, name in enumerate(self._sheet.header) if name and at not in used]
        return (
            tuple(name for name in rest if header_key(name) not in personal),
            tuple(name for name in rest if header_key(name) in personal),
        )

    def read(self, number: int, cells: Sequence[Cell]) -> MappedRow | list[Fault] | None:
        """Read one row; None for one that the profile passes over."""
        texts = self._cells(cells)
        if any(texts.get(name, "") == "" for name in self._profile.skip_without):
            return None
        self._context.row_no = number
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        for each in self._dataset.fields:
            try:
                value = self._value(each, texts.get(each.name, ""))
            except ValueError as error:
                faults.append(self._fault(number, each.name, str(error)))
                continue
            if value is not None:
                values[each.name] = value
            elif each.required:
                faults.append(self._fault(number, each.name, "A value is required.", "required"))
        if faults:
            return faults
        try:
            return MappedRow(number, values, self._record(values))
        except ValueError as error:
            name, _, detail = str(error).partition("|")
            return [self._fault(number, name, detail)]

    def key_of(self, cells: Sequence[Cell], name: str) -> str:
        """The text of an identifier in a row, however wrong the rest of it is."""
        try:
            return as_text(self._cells(cells).get(name, ""))
        except ValueError:
            return ""

    def _cells(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        texts: dict[str, Cell] = {
            name: cells[at] if at < len(cells) else "" for name, at in self._places.items()
        }
        carry = self._profile.carry
        if carry:
            within = texts.get(self._profile.carry_within, "")
            if within != self._within:
                self._carried, self._within = {}, within
            for name in carry:
                if _is_empty(texts.get(name, "")):
                    texts[name] = self._carried.get(name, "")
                else:
                    self._carried[name] = texts[name]
        for name, constant in self._profile.constants.items():
            if _is_empty(texts.get(name, "")):
                texts[name] = constant
        return texts

    def _value(self, each: Field, cell: Cell) -> Any:
        words = self._words.get(each.name)
        if words is not None:
            cell = words.get(as_text(cell).casefold(), words.get("*", cell))
        if _is_empty(cell):
            return None
        value = read_cell(cell, each, self._styles, self._context.pepper)
        column = self._profile.columns.get(each.name)
        return _scaled(value, each, column) if column is not None else value

    def _record(self, values: dict[str, Any]) -> Record | None:
        dataset, context = self._dataset, self._context
        known = dict(values)
        if dataset.fix is not None:
            for name, value in dataset.defaults.items():
                known.setdefault(name, value)
            dataset.fix(known, context)
        if dataset.record is None:
            return None
        if dataset.key_field and not known.get(dataset.key_field):
            parts = (_key_text(known.get(name)) for name in dataset.key_from)
            known[dataset.key_field] = context.numbered("|".join(parts))
        if dataset.day and dataset.day_from and known.get(dataset.day) is None:
            at = next((known[name] for name in dataset.day_from if known.get(name)), None)
            if at is None:
                raise ValueError(f"{dataset.day_from[0]}|One of {', '.join(dataset.day_from)} is needed.")
            known[dataset.day] = context.clock.day(at)
        return _made(dataset.record, known, dataset.defaults, context)

    def _fault(self, row: int, name: str, detail: str, code: str = "invalid_cell") -> Fault:
        at = self._places.get(name)
        column = self._sheet.header[at] if at is not None else ""
        return Fault(row, column, name, code, detail)

    def _expected(self, each: Field) -> str:
        column = self._profile.columns.get(each.name)
        return " or ".join(column.names) if column else each.name


def map_sheet(dataset: Dataset, profile: Profile, sheet: Sheet, context: RowContext) -> Mapped:
    """Read every row of a sheet. Faults are gathered, nothing is raised for a cell."""
    mapped = Mapped()
    reader = Reader(dataset, profile, sheet, context)
    mapped.ignored, mapped.dropped = reader.unused()
    for fault in reader.missing():
        mapped.add(fault)
    if mapped.faults:
        return mapped
    for number, cells in sheet.rows:
        row = reader.read(number, cells)
        if row is None:
            continue
        mapped.rows_read += 1
        if isinstance(row, MappedRow):
            mapped.rows.append(row)
        else:
            for fault in row:
                mapped.add(fault)
            if dataset.scope:
                mapped.broken_keys.add(reader.key_of(cells, dataset.scope))
    _drop_repeated(dataset, mapped)
    return mapped


def _drop_repeated(dataset: Dataset, mapped: Mapped) -> None:
    """Keep the first of rows that say the same; two that say different things of one key are a fault."""
    if dataset.finish is not None:
        return
    seen: dict[tuple[Any, ...], MappedRow] = {}
    kept: list[MappedRow] = []
    for row in mapped.rows:
        source: Any = row.record
        key = tuple(
            row.values.get(name) if source is None else getattr(source, name) for name in dataset.natural_key
        )
        former = seen.setdefault(key, row)
        if former is row:
            kept.append(row)
        elif former.values == row.values:
            mapped.duplicates += 1
        else:
            detail = f"Row {former.row} says something else of the same {', '.join(dataset.natural_key)}."
            mapped.add(Fault(row.row, "", dataset.natural_key[0], "duplicate_key", detail))
    mapped.rows = kept


def preview_rows(rows: Iterable[MappedRow], limit: int) -> Iterator[dict[str, Any]]:
    """The first rows as they were understood, as plain JSON values; buyers appear as their hash."""
    for row in list(rows)[:limit]:
        yield {"row": row.row, "values": {name: _plain(value) for name, value in row.values.items()}}


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int) else str(value)


def _is_empty(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()


def _scaled(value: Any, each: Field, column: Column) -> Any:
    if each.kind not in (Kind.AMOUNT, Kind.NUMBER, Kind.RATE) or not isinstance(value, Decimal):
        return value
    return (abs(value) if column.absolute else value) * column.scale


def _key_text(value: Any) -> str:
    return "" if value is None else str(value)


def _made(
    record: type[Record], known: Mapping[str, Any], defaults: Mapping[str, Any], context: RowContext
) -> Record:
    """Fill a record: what the row says, else the dataset's default, else nothing of its type."""
    filled: dict[str, Any] = {}
    for name, empty, kind in _shape(record):
        value = known.get(name, known.get(_RENAMED.get(name, name)))
        if value is None:
            value = defaults.get(name)
        if value is None and name == "source_updated_at":
            value = context.received_at
        if value is None and name == "currency":
            value = context.store.currency
        filled[name] = empty if value is None else kind(value) if kind is not None else value
    return record(**filled)


_SHAPES: dict[type[Record], list[tuple[str, Any, Any]]] = {}
_EMPTY: dict[Any, Any] = {str: "", int: 0, bool: False, Decimal: Decimal(0)}


def _shape(record: type[Record]) -> list[tuple[str, Any, Any]]:
    """The record's columns with their empty value and, for words, their enumeration."""
    if record not in _SHAPES:
        hints = get_type_hints(record)
        shape = []
        for each in fields(record):
            kinds = get_args(hints[each.name]) or (hints[each.name],)
            kind = next(k for k in kinds if k is not NoneType)
            is_word = isinstance(kind, type) and kind not in (*_EMPTY, date, datetime)
            shape.append(
                (each.name, None if NoneType in kinds else _EMPTY.get(kind), kind if is_word else None)
            )
        _SHAPES[record] = shape
    return _SHAPES[record]
