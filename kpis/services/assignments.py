"""Sharing out who answers for a KPI: never more than 100 %, nothing overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from config.lib import clock
from config.lib.errors import FieldError, Invalid, NotFound, PreconditionFailed
from connectors.selectors.stores import get_store
from kpis.models.assignments import Assignment, AssignmentShare
from kpis.selectors.assignments import AssignmentVersion, find_assignment, get_assignment
from kpis.selectors.definitions import get_definition
from kpis.types import Position
from tenants import audit
from tenants.context import current_actor, require_client
from tenants.selectors.people import name_members

_ALL = Decimal(100)


@dataclass(frozen=True, slots=True)
class ShareDraft:
    """A share as somebody proposes it: of a member of the client, or of a position; in percent."""

    user_id: int | None
    position: Position | None
    share: Decimal


def assign_kpi(
    *, store_id: int, kpi: str, shares: Sequence[ShareDraft], effective_on: date, version: int
) -> AssignmentVersion:
    """Share out one KPI of a store from a day on, in place of `version` (0: there was none).

    No shares: from that day on the KPI belongs to its position again. `NotFound` for an unknown store or
    KPI, `Invalid` with every fault (more than 100 %, the same person twice, nobody's share, a person who is
    no member), `PreconditionFailed` when somebody else was faster.
    """
    get_definition(kpi)
    return _assign(store_id, kpi, "", shares, effective_on, version)


def assign_position(
    *, store_id: int, position: Position, shares: Sequence[ShareDraft], effective_on: date, version: int
) -> AssignmentVersion:
    """Say who holds a position at a store from a day on; its KPIs are theirs. Errors as of `assign_kpi`."""
    return _assign(store_id, "", position.value, shares, effective_on, version)


def _assign(
    store_id: int,
    kpi: str,
    position: str,
    shares: Sequence[ShareDraft],
    effective_on: date,
    version: int,
) -> AssignmentVersion:
    get_store(store_id)
    names = name_members(
        require_client().id, [share.user_id for share in shares if share.user_id is not None]
    )
    with transaction.atomic():
        _lock(store_id)
        before = find_assignment(store_id, kpi=kpi, position=position)
        if (before.version if before else 0) != version:
            raise PreconditionFailed
        faults = _faults(shares, names, needs_people=bool(position))
        if before is None and not shares:
            raise NotFound(f"nobody was assigned {kpi or position} of store {store_id}")
        if faults:
            raise Invalid("The shares cannot be assigned.", errors=faults)
        _record(store_id, kpi, position, shares, names, effective_on, version + 1)
        after = get_assignment(store_id, kpi=kpi, position=position)
        audit.record(
            "assignment.set",
            target=("assignment", f"{store_id}:{kpi or position}"),
            before=_audited(before),
            after=_audited(after),
        )
    return after


def _faults(shares: Sequence[ShareDraft], names: dict[int, str], *, needs_people: bool) -> list[FieldError]:
    faults = []
    total = sum((share.share for share in shares), Decimal(0))
    if total > _ALL:
        faults.append(
            FieldError(
                "/shares",
                f"The shares add up to {total} %; a result is credited once, so 100 % is the most.",
                "over_100_percent",
            )
        )
    seen = set()
    for n, share in enumerate(shares):
        where = f"/shares/{n}"
        if (share.user_id is None) == (share.position is None):
            faults.append(FieldError(where, "Name a user or a position, one of both.", "nobody"))
        if needs_people and share.user_id is None:
            faults.append(FieldError(f"{where}/user", "A position is held by people.", "required"))
        if share.user_id is not None and share.user_id not in names:
            faults.append(FieldError(f"{where}/user", "There is no such member.", "no_member"))
        if not 0 < share.share <= _ALL:
            faults.append(FieldError(f"{where}/share", "More than 0, at most 100.", "range"))
        if (share.user_id, share.position) in seen:
            faults.append(FieldError(where, "Named twice; add the shares up.", "twice"))
        seen.add((share.user_id, share.position))
    return faults


def _record(
    store_id: int,
    kpi: str,
    position: str,
    shares: Sequence[ShareDraft],
    names: dict[int, str],
    effective_on: date,
    version: int,
) -> None:
    row = Assignment.objects.create(
        store_id=store_id,
        kpi=kpi,
        position=position,
        effective_on=effective_on,
        version=version,
        total_share=sum((share.share for share in shares), Decimal(0)),
        recorded_at=clock.now(),
        recorded_by=current_actor().label,
    )
    AssignmentShare.objects.bulk_create(
        AssignmentShare(
            assignment=row,
            user_id=share.user_id,
            person="" if share.user_id is None else names[share.user_id][:150],
            position=share.position.value if share.position else "",
            share=share.share,
        )
        for share in shares
    )


def _lock(store_id: int) -> None:
    """One change of a store's assignments at a time, so that no version is recorded twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"kpis.assignments:{require_client().id}:{store_id}"],
        )


def _audited(view: AssignmentVersion | None) -> dict[str, Any] | None:
    if view is None:
        return None
    return {
        "version": view.version,
        "effective_on": view.effective_on.isoformat(),
        "shares": [
            {"user": share.user_id, "position": share.position, "share": str(share.share)}
            for share in view.shares
        ],
    }
