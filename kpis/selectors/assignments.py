"""Who answers for which KPI of which store on a day, and with which share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from config.lib.errors import NotFound
from connectors.selectors.stores import list_stores
from kpis.models.assignments import Assignment, AssignmentShare
from kpis.selectors.definitions import list_definitions
from kpis.types import Position

_ALL = Decimal(100)


class AssignedBy(StrEnum):
    """Why somebody answers for a KPI: assigned for it, holds its position, or the position as such does."""

    KPI = "kpi"
    POSITION = "position"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """One share of one KPI of one store, in percent; `user_id` None: a position without a named person."""

    store_id: int
    kpi: str
    user_id: int | None
    person: str
    position: Position
    share: Decimal
    effective_on: date | None
    assigned_by: AssignedBy


@dataclass(frozen=True, slots=True)
class Share:
    """A person's or a position's part, in percent."""

    user_id: int | None
    person: str
    position: Position | None
    share: Decimal


@dataclass(frozen=True, slots=True)
class AssignmentVersion:
    """One recorded assignment of a KPI (`kpi`) or of a position (`position`) of a store."""

    store_id: int
    kpi: str
    position: str
    effective_on: date
    version: int
    shares: tuple[Share, ...]
    recorded_at: datetime
    recorded_by: str


def list_assignments(
    on: date,
    *,
    store_ids: Sequence[int] = (),
    kpis: Iterable[str] | None = None,
    as_known_at: datetime | None = None,
) -> list[AssignmentView]:
    """Return who answers for every KPI on a day, for the stores named (none: all) and KPIs named (None: all).

    A KPI's own assignment counts before that of its position; a KPI without either is answered for by its
    position as such, with all of it. The shares of one store's KPI never add up to more than 100.
    """
    stores = list(store_ids) or [store.id for store in list_stores()]
    definitions = list_definitions()
    wanted = list(definitions) if kpis is None else [key for key in kpis if key in definitions]
    in_force = _in_force(stores, on, as_known_at)
    return [
        view
        for store_id in stores
        for key in wanted
        for view in _resolve(store_id, key, definitions[key].position, in_force)
    ]


def list_assignment_versions(store_id: int, *, kpi: str = "", position: str = "") -> list[AssignmentVersion]:
    """Return every recorded assignment of one KPI, or of one position, of a store; the latest first."""
    rows = Assignment.objects.filter(store_id=store_id, kpi=kpi, position=position).order_by("-version")
    return _with_shares(rows)


def list_assigned(store_id: int, on: date) -> list[AssignmentVersion]:
    """Return the assignments of a store that are in force on a day, of KPIs and of positions."""
    return sorted(_in_force([store_id], on, None).values(), key=lambda each: (each.position, each.kpi))


def find_assignment(store_id: int, *, kpi: str = "", position: str = "") -> AssignmentVersion | None:
    """Return the assignment of a KPI or position that was recorded last."""
    rows = Assignment.objects.filter(store_id=store_id, kpi=kpi, position=position).order_by("-version")[:1]
    return next(iter(_with_shares(rows)), None)


def get_assignment(store_id: int, *, kpi: str = "", position: str = "") -> AssignmentVersion:
    """Return the assignment recorded last; `NotFound` when there was none."""
    found = find_assignment(store_id, kpi=kpi, position=position)
    if found is None:
        raise NotFound(f"nobody was assigned {kpi or position} of store {store_id}")
    return found


_Key = tuple[int, str, str]


def _in_force(
    store_ids: Sequence[int], on: date, as_known_at: datetime | None
) -> dict[_Key, AssignmentVersion]:
    rows = Assignment.objects.filter(store_id__in=store_ids, effective_on__lte=on)
    if as_known_at is not None:
        rows = rows.filter(recorded_at__lte=as_known_at)
    latest = rows.order_by("store_id", "kpi", "position", "-effective_on", "-version").distinct(
        "store_id", "kpi", "position"
    )
    return {(each.store_id, each.kpi, each.position): each for each in _with_shares(latest) if each.shares}


def _resolve(
    store_id: int, kpi: str, position: Position, in_force: dict[_Key, AssignmentVersion]
) -> list[AssignmentView]:
    for key, why in (
        ((store_id, kpi, ""), AssignedBy.KPI),
        ((store_id, "", position.value), AssignedBy.POSITION),
    ):
        found = in_force.get(key)
        if found is not None:
            return [
                AssignmentView(
                    store_id,
                    kpi,
                    share.user_id,
                    share.person,
                    share.position or position,
                    share.share,
                    found.effective_on,
                    why,
                )
                for share in found.shares
            ]
    return [AssignmentView(store_id, kpi, None, "", position, _ALL, None, AssignedBy.DEFAULT)]


def _with_shares(rows: QuerySet[Assignment, Assignment]) -> list[AssignmentVersion]:
    found = list(rows)
    shares: dict[int, list[Share]] = {}
    for each in AssignmentShare.objects.filter(assignment__in=[row.pk for row in found]).order_by("id"):
        shares.setdefault(_owner(each), []).append(
            Share(each.user_id, each.person, Position(each.position) if each.position else None, each.share)
        )
    return [
        AssignmentVersion(
            row.store_id,
            row.kpi,
            row.position,
            row.effective_on,
            row.version,
            tuple(shares.get(row.pk, ())),
            row.recorded_at,
            row.recorded_by,
        )
        for row in found
    ]


def _owner(share: AssignmentShare) -> int:
    number: Any = share.assignment_id
    return int(number)
