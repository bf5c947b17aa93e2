"""Which shop days have to be computed anew: marking them here, claiming and clearing them by the roll-up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from config.lib import clock
from connectors.models import DirtyDay
from connectors.types import Family

_TABLE = DirtyDay._meta.db_table

# A generation is never used twice, even after its row was cleared and marked again: it is the server's clock
# in microseconds, or one more than before where that is greater.
_GENERATION = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"


@dataclass(frozen=True, slots=True)
class DirtyClaim:
    """A day to compute, as it stood when it was claimed."""

    store_id: int
    business_on: date
    family: Family
    generation: int


@dataclass(frozen=True, slots=True)
class DirtyMark:
    """A shop day of one store whose measures of one family are out of date."""

    store_id: int
    business_on: date
    family: Family


def mark_dirty_days(marks: Iterable[DirtyMark]) -> int:
    """Mark days in the caller's transaction; returns how many different days were marked."""
    # Sorted, so that two transactions that mark the same days cannot deadlock.
    unique = sorted(set(marks), key=lambda mark: (mark.store_id, mark.business_on, mark.family))
    if not unique:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_TABLE} AS d (store_id, business_on, family, generation, marked_at) "  # noqa: S608
            f"SELECT store_id, business_on, family, {_GENERATION}, %s "
            "FROM unnest(%s::bigint[], %s::date[], %s::text[]) AS m(store_id, business_on, family) "
            "ON CONFLICT (store_id, business_on, family) DO UPDATE "
            "SET generation = greatest(d.generation + 1, excluded.generation), "
            "marked_at = excluded.marked_at",
            [
                clock.now(),
                [mark.store_id for mark in unique],
                [mark.business_on for mark in unique],
                [mark.family.value for mark in unique],
            ],
        )
    return len(unique)


def claim_dirty_days(limit: int) -> list[DirtyClaim]:
    """Return up to `limit` dirty days, the longest marked first. Nothing is locked: clearing checks."""
    rows = DirtyDay.objects.order_by("marked_at", "id").values_list(
        "store_id", "business_on", "family", "generation"
    )[:limit]
    return [DirtyClaim(store, day, Family(family), generation) for store, day, family, generation in rows]


def clear_dirty_days(claims: Sequence[DirtyClaim]) -> int:
    """Forget the claimed days, but not those that were marked again meanwhile; returns how many went."""
    if not claims:
        return 0
    with connection.cursor() as cursor:
        # Locked in the order in which days are marked, so that a sync that marks them meanwhile and this
        # cannot wait for each other. A day that was marked while we waited is seen as it is then, and stays.
        cursor.execute(
            f"WITH standing AS (SELECT d.id FROM {_TABLE} d "  # noqa: S608
            "JOIN unnest(%s::bigint[], %s::date[], %s::text[], %s::bigint[]) "
            "AS c(store_id, business_on, family, generation) "
            "USING (store_id, business_on, family, generation) "
            'ORDER BY d.store_id, d.business_on, d.family COLLATE "C" FOR UPDATE OF d) '
            f"DELETE FROM {_TABLE} d USING standing s WHERE d.id = s.id",
            [
                [claim.store_id for claim in claims],
                [claim.business_on for claim in claims],
                [claim.family.value for claim in claims],
                [claim.generation for claim in claims],
            ],
        )
        return int(cursor.rowcount)
