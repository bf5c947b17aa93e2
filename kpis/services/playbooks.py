"""Known ways to act, and plans armed for KPIs that stay bad: they ask a person, never act alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.calendars import Period
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from connectors.selectors.stores import get_store
from kpis.engine.action_states import (
    TRIGGER_STEPS,
    Department,
    EffectDirection,
    TriggerState,
    may_step,
)
from kpis.models import FallbackPlan, FallbackTrigger, Playbook
from kpis.selectors.definitions import get_definition
from kpis.selectors.lines import Row
from kpis.selectors.playbooks import get_plan, get_playbook, get_trigger
from kpis.selectors.scorecards import get_scorecard
from kpis.services.actions import ActionDraft, create_action
from kpis.services.issues import StepNotAllowed
from kpis.types import Status
from tenants import audit, outbox
from tenants.context import current_actor

# How far back a run of bad periods is followed to its beginning.
_LONGEST_RUN = 26


class PlanExists(Conflict):
    """The same plan twice would ask twice."""

    code = "plan_exists"
    title = gettext_noop("There is such a fallback plan already")
    permanent = True


def create_playbook(values: Mapping[str, Any]) -> Row:
    """Add a way to act; `values` are the fields of `kpis.models.Playbook`. `NotFound` for an unknown KPI."""
    get_definition(values["kpi"])
    with transaction.atomic():
        row = Playbook(**values)
        _save_playbook(row, None)
    return get_playbook(row.pk)


def change_playbook(*, playbook_id: int, version: int, values: Mapping[str, Any]) -> Row:
    """Change or archive a playbook; actions that followed it keep counting for it."""
    with transaction.atomic():
        row = Playbook.objects.select_for_update().filter(pk=playbook_id).first()
        if row is None:
            raise NotFound(f"there is no playbook {playbook_id}")
        if row.version != version:
            raise PreconditionFailed
        before = _playbook(row)
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        _save_playbook(row, before)
    return get_playbook(playbook_id)


def create_plan(values: Mapping[str, Any]) -> Row:
    """Arm a plan; `values` are the fields of `kpis.models.FallbackPlan`."""
    get_store(values["store_id"])
    get_definition(values["kpi"])
    playbook = get_playbook(values["playbook_id"])
    if playbook["kpi"] != values["kpi"]:
        raise Invalid(errors=[FieldError("/playbook", "The playbook is for another KPI.", "other_kpi")])
    same = {name: values[name] for name in ("store_id", "kpi", "playbook_id")}
    with transaction.atomic():
        if FallbackPlan.objects.filter(**same).exists():
            raise PlanExists(f"store {values['store_id']} has this plan for {values['kpi']}")
        row = FallbackPlan(**values)
        _save_plan(row, None)
    return get_plan(row.pk)


def change_plan(*, plan_id: int, version: int, values: Mapping[str, Any]) -> Row:
    """Change, disarm or arm a plan."""
    with transaction.atomic():
        row = FallbackPlan.objects.select_for_update().filter(pk=plan_id).first()
        if row is None:
            raise NotFound(f"there is no fallback plan {plan_id}")
        if row.version != version:
            raise PreconditionFailed
        before = _plan(row)
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        _save_plan(row, before)
    return get_plan(plan_id)


def check_plans(period: Period) -> list[int]:
    """Log every armed plan whose KPI was bad long enough by the end of `period`; returns the new entries.

    One entry per run of bad periods, however long the run gets and however often this is asked.
    """
    made = []
    for plan in FallbackPlan.objects.filter(is_armed=True, kind=period.kind.value).order_by("id"):
        run = _bad_run(plan, period)
        if len(run) >= plan.periods:
            made += _trigger_once(plan.pk, run)
    return made


def _trigger_once(plan_id: int, run: list[dict[str, Any]]) -> list[int]:
    """Log a run of bad periods unless it is logged; a run longer than is looked back at is the same run."""
    with transaction.atomic():
        FallbackPlan.objects.select_for_update().get(pk=plan_id)
        seen = [each["period"] for each in run]
        if FallbackTrigger.objects.filter(plan_id=plan_id, last_period__in=seen).exists():
            return []
        row = FallbackTrigger.objects.create(
            plan_id=plan_id,
            first_period=seen[-1],
            last_period=seen[0],
            values=run[::-1],
            state=TriggerState.PENDING.value,
            triggered_at=clock.now(),
        )
        outbox.emit("kpis.fallback_triggered", {"trigger_id": row.pk, "plan_id": plan_id})
        audit.record("fallback.triggered", target=("fallback_trigger", row.pk), after=_trigger(row))
    return [row.pk]


def decide_trigger(
    *, trigger_id: int, version: int, to: TriggerState, reason: str, due_on: date | None
) -> Row:
    """Approve a triggered plan, which opens its action, or reject it with a reason."""
    if to is TriggerState.REJECTED and not reason.strip():
        raise Invalid(errors=[FieldError("/reason", "Declining needs a reason.", "required")])
    if to is TriggerState.APPROVED and due_on is None:
        raise Invalid(
            errors=[FieldError("/due_on", "The action needs a day by which it is done.", "required")]
        )
    with transaction.atomic():
        row = FallbackTrigger.objects.select_for_update().filter(pk=trigger_id).first()
        if row is None:
            raise NotFound(f"there is no fallback trigger {trigger_id}")
        if row.version != version:
            raise PreconditionFailed
        if not may_step(TRIGGER_STEPS, TriggerState(row.state), to):
            raise StepNotAllowed(f"a trigger that is {row.state} cannot become {to.value}")
        before = _trigger(row)
        row.state, row.reason = to.value, reason.strip()
        row.decided_at, row.decided_by = clock.now(), current_actor().label
        row.version += 1
        if to is TriggerState.APPROVED and due_on is not None:
            row.action_id = _act(row, due_on)["id"]
        row.save()
        audit.record(
            f"fallback.{to.value}", target=("fallback_trigger", row.pk), before=before, after=_trigger(row)
        )
    return get_trigger(trigger_id)


def _act(row: FallbackTrigger, due_on: date) -> Row:
    plan = get_plan(row.plan_id)
    playbook = get_playbook(plan["playbook_id"])
    return create_action(
        ActionDraft(
            title=playbook["title"],
            description=playbook["steps"],
            kpi=plan["kpi"],
            store_ids=[plan["store_id"]],
            department=Department(playbook["department"]),
            owner=plan["owner"],
            due_on=due_on,
            direction=EffectDirection(playbook["direction"]),
            expected_size=playbook["expected_size"],
            playbook_id=playbook["id"],
            trigger_id=row.pk,
        )
    )


def _bad_run(plan: FallbackPlan, period: Period) -> list[dict[str, Any]]:
    """The bad periods up to `period`, the last one first, back to where the run begins."""
    run: list[dict[str, Any]] = []
    while len(run) < max(_LONGEST_RUN, plan.periods):
        card = get_scorecard(period, store_ids=[plan.store_id])
        line = next((line for line in card["kpis"] if line["key"] == plan.kpi), None)
        if line is None or Status.BAD.value not in (line["status"], line.get("provisional_status")):
            break
        run.append({"period": period.id, "value": line["value"]})
        period = period.previous()
    return run


def _save_playbook(row: Playbook, before: dict[str, Any] | None) -> None:
    row.updated_at, row.updated_by = clock.now(), current_actor().label
    row.save()
    audit.record("playbook.saved", target=("playbook", row.pk), before=before, after=_playbook(row))


def _save_plan(row: FallbackPlan, before: dict[str, Any] | None) -> None:
    row.updated_at, row.updated_by = clock.now(), current_actor().label
    row.save()
    audit.record("fallback_plan.saved", target=("fallback_plan", row.pk), before=before, after=_plan(row))


def _playbook(row: Playbook) -> dict[str, Any]:
    names = ("kpi", "title", "department", "direction", "expected_size", "is_archived", "version")
    return {name: getattr(row, name) for name in names}


def _plan(row: FallbackPlan) -> dict[str, Any]:
    names = ("store_id", "kpi", "kind", "periods", "playbook_id", "approver", "owner", "is_armed", "version")
    return {name: getattr(row, name) for name in names}


def _trigger(row: FallbackTrigger) -> dict[str, Any]:
    names = ("plan_id", "first_period", "last_period", "values", "state", "reason", "action_id")
    return {name: getattr(row, name) for name in names}
