"""What records would change against the stored facts: the answer of a dry run, and what need not be kept."""

# ruff: noqa: S608 - the names in the SQL are those of our own tables and record fields.

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter
from typing import Any

from django.db import connection, models

from connectors.services.tables import TABLES, TableSpec
from connectors.types import Record

_ARRAYS = {"CharField": "text[]", "DateField": "date[]", "DateTimeField": "timestamptz[]"}


@dataclass(frozen=True, slots=True)
class Differences:
    """Records of one table compared with what is stored.

    `to_store` are those worth storing: new ones, different ones, and the whole set where one line of a set
    differs. `days` are the shop days whose figures would change.
    """

    inserted: int
    changed: int
    unchanged: int
    removed: int
    to_store: tuple[Record, ...]
    replaces: tuple[str, ...]
    days: frozenset[date]


def find_differences(*, store_id: int, records: Sequence[Record]) -> Differences:
    """Compare records of one class with the stored facts; nothing is locked or written.

    A record that is older than what is stored counts as unchanged: it would lose against it. Of two records
    with one key the newer counts, of equally new ones the later.
    """
    if not records:
        return Differences(0, 0, 0, 0, (), (), frozenset())
    spec = TABLES[type(records[0])]
    key = _key_of(spec)
    newest: dict[Any, Record] = {}
    for record in records:
        known = newest.get(key(record))
        if known is None or record.source_updated_at >= known.source_updated_at:
            newest[key(record)] = record
    stored = _stored(spec, store_id, newest.values())
    return _compare(spec, newest, stored)


def _compare(
    spec: TableSpec, newest: Mapping[Any, Record], stored: Mapping[Any, Mapping[str, Any]]
) -> Differences:
    inserted, changed = [], []
    days: set[date] = set()
    for key, record in newest.items():
        former = stored.get(key)
        if former is None:
            inserted.append(record)
        elif record.source_updated_at >= former["source_updated_at"] and _differs(spec, record, former):
            changed.append(record)
            days.update(former[day] for day in spec.days if former.get(day))
    moving = inserted + changed
    gone: list[Any] = []
    to_store: Iterable[Record] = moving
    replaces: tuple[str, ...] = ()
    if spec.replace_scope:
        scope = attrgetter(spec.replace_scope)
        gone = [key for key in stored if key not in newest]
        touched = {scope(record) for record in moving} | {stored[k][spec.replace_scope] for k in gone}
        to_store = [record for record in newest.values() if scope(record) in touched]
        replaces = tuple(sorted(touched))
        days.update(stored[k][day] for k in gone for day in spec.days if stored[k].get(day))
    days.update(getattr(r, day) for r in moving for day in spec.days if hasattr(r, day))
    return Differences(
        inserted=len(inserted),
        changed=len(changed),
        unchanged=len(newest) - len(moving),
        removed=len(gone),
        to_store=tuple(to_store),
        replaces=replaces,
        days=frozenset(days),
    )


def _differs(spec: TableSpec, record: Record, former: Mapping[str, Any]) -> bool:
    return any(_as_stored(spec, c, getattr(record, c)) != former[c] for c in spec.content)


def _as_stored(spec: TableSpec, column: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        field = spec.model._meta.get_field(column)
        places = getattr(field, "decimal_places", 0) or 0
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return value


def _key_of(spec: TableSpec) -> Any:
    return attrgetter(*spec.key)


def _stored(spec: TableSpec, store_id: int, records: Iterable[Record]) -> dict[Any, Mapping[str, Any]]:
    """The stored rows of the records' keys; of the records' whole sets, where the table has sets."""
    by = (spec.replace_scope,) if spec.replace_scope else spec.key
    wanted = {tuple(getattr(record, column) for column in by) for record in records}
    columns = tuple(dict.fromkeys((*spec.columns, *spec.days)))
    arrays = ", ".join(f"%s::{_array(spec, column)}" for column in by)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM {spec.table} WHERE store_id = %s "
            f"AND ({', '.join(by)}) IN (SELECT * FROM unnest({arrays}))",
            [store_id, *([values[at] for values in wanted] for at in range(len(by)))],
        )
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    one = len(spec.key) == 1
    return {row[spec.key[0]] if one else tuple(row[c] for c in spec.key): row for row in rows}


def _array(spec: TableSpec, column: str) -> str:
    field = spec.model._meta.get_field(column)
    assert isinstance(field, models.Field)
    return _ARRAYS.get(field.get_internal_type(), "bigint[]")
