"""Handing an action to another department, which has a given time to say yes or no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.errors import FieldError, Invalid, NotFound, PreconditionFailed
from kpis.engine.action_states import (
    HAND_OFF_STEPS,
    UNFINISHED_ACTIONS,
    Department,
    HandOffState,
    may_step,
)
from kpis.models import HandOff
from kpis.selectors.actions import get_hand_off
from kpis.selectors.lines import Row
from kpis.services.actions import lock_action, move_department
from kpis.services.issues import StepNotAllowed
from tenants import audit, outbox
from tenants.context import current_actor


def hand_over(*, action_id: int, to: Department, hours: int, note: str) -> Row:
    """Offer an unfinished action to another department; its clock runs `hours` from now."""
    with transaction.atomic():
        action = lock_action(action_id)
        if action.state not in UNFINISHED_ACTIONS:
            raise StepNotAllowed(f"an action that is {action.state} is not handed over")
        if HandOff.objects.filter(action_id=action_id, state=HandOffState.OFFERED.value).exists():
            raise StepNotAllowed("the action is on its way to a department already")
        if action.department == to.value:
            raise Invalid(errors=[FieldError("/department", "The action is there already.", "same")])
        now = clock.now()
        row = HandOff.objects.create(
            action_id=action_id,
            from_department=action.department,
            to_department=to.value,
            state=HandOffState.OFFERED.value,
            note=note,
            offered_at=now,
            offered_by=current_actor().label,
            due_at=now + timedelta(hours=hours),
        )
        outbox.emit("kpis.hand_off_changed", {"hand_off_id": row.pk, "state": row.state})
        audit.record("hand_off.offered", target=("hand_off", row.pk), after=_audited(row))
    return get_hand_off(row.pk)


def answer_hand_off(*, hand_off_id: int, version: int, to: HandOffState, reason: str) -> Row:
    """Accept an offer (the action is the department's from then on) or decline it with a reason."""
    if to is HandOffState.DECLINED and not reason.strip():
        raise Invalid(errors=[FieldError("/reason", "Declining needs a reason.", "required")])
    with transaction.atomic():
        row = HandOff.objects.select_for_update().filter(pk=hand_off_id).first()
        if row is None:
            raise NotFound(f"there is no hand-off {hand_off_id}")
        if row.version != version:
            raise PreconditionFailed
        if not may_step(HAND_OFF_STEPS, HandOffState(row.state), to):
            raise StepNotAllowed(f"a hand-off that is {row.state} cannot become {to.value}")
        before = _audited(row)
        row.state, row.reason = to.value, reason.strip()
        row.answered_at, row.answered_by = clock.now(), current_actor().label
        row.version += 1
        row.save()
        if to is HandOffState.ACCEPTED:
            move_department(lock_action(row.action_id), row.to_department, f"hand-off {row.pk}")
        outbox.emit("kpis.hand_off_changed", {"hand_off_id": row.pk, "state": row.state})
        audit.record(f"hand_off.{to.value}", target=("hand_off", row.pk), before=before, after=_audited(row))
    return get_hand_off(hand_off_id)


def _audited(row: HandOff) -> dict[str, Any]:
    return {
        "action": row.action_id,
        "from": row.from_department,
        "to": row.to_department,
        "state": row.state,
        "due_at": row.due_at,
        "reason": row.reason,
    }
