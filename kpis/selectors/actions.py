"""What is being done about figures: actions, their steps, and what other departments have to answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from config.lib import clock
from config.lib.errors import NotFound
from kpis.engine.action_states import UNFINISHED_ACTIONS, ActionState, HandOffState
from kpis.models import Action, ActionStep, HandOff
from kpis.selectors.lines import Row

ACTION = (
    "id", "title", "description", "issue_id", "playbook_id", "trigger_id", "kpi", "store_ids", "skus",
    "department", "owner_id", "owner", "due_on", "direction", "expected_size", "after_weeks", "state",
    "version", "created_at", "created_by", "accepted_at", "done_at", "done_on", "closed_at", "measure_from",
    "verdict", "effect",
)  # fmt: skip
HAND_OFF = (
    "id", "action_id", "from_department", "to_department", "state", "version", "note", "reason", "offered_at",
    "offered_by", "due_at", "answered_at", "answered_by",
)  # fmt: skip


def actions_query(
    *,
    owner_id: int | None = None,
    state: str | None = None,
    store_id: int | None = None,
    kpi: str | None = None,
    issue_id: int | None = None,
    overdue: bool | None = None,
) -> QuerySet[Any, Any]:
    """Actions, for paging. Overdue are those not done by the end of their day in UTC."""
    rows: QuerySet[Any, Any] = Action.objects.values(*ACTION)
    asked = {"owner_id": owner_id, "state": state, "kpi": kpi, "issue_id": issue_id}
    rows = rows.filter(**{name: value for name, value in asked.items() if value is not None})
    if store_id is not None:
        rows = rows.filter(store_ids__contains=store_id)
    if overdue is not None:
        late = {"state__in": UNFINISHED_ACTIONS, "due_on__lt": clock.now().date()}
        rows = rows.filter(**late) if overdue else rows.exclude(**late)
    return rows


def get_action(action_id: int) -> Row:
    """Return one action; `NotFound` if there is none of this id."""
    row = Action.objects.filter(pk=action_id).values(*ACTION).first()
    if row is None:
        raise NotFound(f"there is no action {action_id}")
    return dict(row)


def list_steps(action_id: int) -> list[Row]:
    """Return every step of an action's life, the first one first; `NotFound` for an unknown action."""
    get_action(action_id)
    rows = ActionStep.objects.filter(action_id=action_id).order_by("id")
    return [dict(row) for row in rows.values("before", "after", "note", "at", "by")]


def hand_offs_query(
    *, department: str | None = None, state: str | None = None, overdue: bool | None = None
) -> QuerySet[Any, Any]:
    """Hand-offs, for paging. Overdue are those that nobody answered in time."""
    rows: QuerySet[Any, Any] = HandOff.objects.values(*HAND_OFF)
    if department is not None:
        rows = rows.filter(to_department=department)
    if state is not None:
        rows = rows.filter(state=state)
    if overdue is not None:
        late = {"state": HandOffState.OFFERED.value, "due_at__lt": clock.now()}
        rows = rows.filter(**late) if overdue else rows.exclude(**late)
    return rows


def get_hand_off(hand_off_id: int) -> Row:
    """Return one hand-off; `NotFound` if there is none of this id."""
    row = HandOff.objects.filter(pk=hand_off_id).values(*HAND_OFF).first()
    if row is None:
        raise NotFound(f"there is no hand-off {hand_off_id}")
    return dict(row)


def list_measurable(today: date) -> list[int]:
    """Return the actions that are done and whose effect can be looked for by now."""
    rows = Action.objects.filter(state=ActionState.DONE.value, measure_from__lte=today).order_by("id")
    return list(rows.values_list("id", flat=True))
