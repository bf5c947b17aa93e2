"""How long suggested prices waited for somebody's word: what waits now, and what was answered or given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery

from pricing.engine.approval import Level
from pricing.engine.lifecycle import PENDING_STATES
from pricing.models import ApprovalDecision, Recommendation


@dataclass(frozen=True, slots=True)
class ApprovalWait:
    """One suggestion's wait. `answered_at` is the first word of a person on it, given as `role` (a
    tenants.types.Role, "" for an unknown one); `closed_at` when it ended, answered or not; `due_at` the end
    of the client's window; `is_clients` whether the next word is the client's own."""

    id: int
    store_id: int
    opened_at: datetime
    answered_at: datetime | None
    role: str
    closed_at: datetime | None
    due_at: datetime | None
    is_clients: bool


def list_waiting() -> list[ApprovalWait]:
    """Return the suggestions that nobody has answered yet, the oldest first; escalated ones were answered."""
    rows = _with_answers(Recommendation.objects.filter(state__in=PENDING_STATES)).filter(answered_at=None)
    return _waits(rows)


def list_waited(since: datetime, until: datetime) -> list[ApprovalWait]:
    """Return the suggestions that waited at any time in [since, until), the oldest first."""
    rows = _with_answers(Recommendation.objects.filter(opened_at__lt=until))
    return _waits(
        rows.filter(
            Q(answered_at__gte=since)
            | Q(answered_at=None) & (Q(closed_at=None, state__in=PENDING_STATES) | Q(closed_at__gte=since))
        )
    )


def _with_answers(rows: QuerySet[Recommendation]) -> QuerySet[Any, Any]:
    said = ApprovalDecision.objects.filter(recommendation_id=OuterRef("pk")).exclude(verdict="withdrawn")
    first = said.order_by().values("recommendation_id").annotate(first=Min("at")).values("first")
    return rows.annotate(
        answered_at=Subquery(first), answered_as=Subquery(said.order_by("at", "id").values("role")[:1])
    )


def _waits(rows: QuerySet[Any, Any]) -> list[ApprovalWait]:
    columns = (
        "id",
        "store_id",
        "opened_at",
        "answered_at",
        "answered_as",
        "closed_at",
        "due_at",
        "level_needed",
    )
    return [
        ApprovalWait(
            id=row_id,
            store_id=store_id,
            opened_at=opened_at,
            answered_at=answered_at,
            role=role or "",
            closed_at=closed_at,
            due_at=due_at,
            is_clients=level == Level.CLIENT.value,
        )
        for row_id, store_id, opened_at, answered_at, role, closed_at, due_at, level in rows.order_by(
            "opened_at", "id"
        ).values_list(*columns)
    ]
