"""Actions: who does what by when, every step of it written down; nothing else changes an action's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.calendars import Period, PeriodKind, business_day, day_bounds
from config.lib.errors import FieldError, Invalid, NotFound, PreconditionFailed
from connectors.records import WorkItemRecord, WorkKind
from connectors.selectors.stores import get_store
from connectors.services.record_facts import record_facts
from kpis.engine.action_states import ACTION_STEPS, may_step
from kpis.engine.action_states import ActionState as ActionState
from kpis.engine.action_states import Department as Department
from kpis.engine.action_states import EffectDirection as EffectDirection
from kpis.models import Action, ActionStep
from kpis.selectors.actions import get_action
from kpis.selectors.definitions import get_definition
from kpis.selectors.lines import Row
from kpis.selectors.playbooks import get_playbook
from kpis.services.issues import StepNotAllowed, follow_action, take_in_action
from tenants import audit, outbox
from tenants.context import current_actor, require_client

_STAMPS = {ActionState.ACCEPTED: "accepted_at", ActionState.DONE: "done_at"}


@dataclass(frozen=True, slots=True)
class ActionDraft:
    """An action as somebody proposes it; see `kpis.models.Action` for the meaning of the fields."""

    title: str
    kpi: str
    store_ids: Sequence[int]
    department: Department
    owner: str
    due_on: date
    direction: EffectDirection
    description: str = ""
    skus: Sequence[str] = ()
    owner_id: int | None = None
    expected_size: Decimal | None = None
    after_weeks: int = 2
    issue_id: int | None = None
    playbook_id: int | None = None
    trigger_id: int | None = None


def create_action(draft: ActionDraft) -> Row:
    """Open an action; its issue, if any, is in action from then on. `NotFound` for unknown stores or KPIs."""
    get_definition(draft.kpi)
    if draft.playbook_id is not None:
        get_playbook(draft.playbook_id)
    stores = [get_store(store_id) for store_id in dict.fromkeys(draft.store_ids)]
    if draft.skus and len(stores) > 1:
        raise Invalid(errors=[FieldError("/skus", "SKUs need exactly one store.", "one_store")])
    with transaction.atomic():
        row = Action.objects.create(
            **{name: getattr(draft, name) for name in draft.__slots__ if name not in ("store_ids", "skus")},
            store_ids=[store.id for store in stores],
            skus=sorted(set(draft.skus)),
            state=ActionState.OPEN.value,
            created_at=clock.now(),
            created_by=current_actor().label,
        )
        _note(row, "", "")
        if draft.issue_id is not None:
            take_in_action(draft.issue_id)
        outbox.emit("kpis.action_changed", {"action_id": row.pk, "state": row.state})
        audit.record("action.opened", target=("action", row.pk), after=_audited(row))
    return get_action(row.pk)


def step_action(*, action_id: int, version: int, to: ActionState, note: str = "") -> Row:
    """Accept, finish or cancel an action. Verdicts come from `verify_action` alone.

    `StepNotAllowed` for what does not follow from the present state, `Invalid` for a cancellation without a
    reason. Finishing records the work item of each store and starts the wait for the effect.
    """
    if to is ActionState.CANCELLED and not note.strip():
        raise Invalid(errors=[FieldError("/note", "A cancellation needs a reason.", "required")])
    if to is ActionState.VERIFIED:
        raise StepNotAllowed("an action is verified by measuring its effect")
    with transaction.atomic():
        row = lock_action(action_id, version)
        before = _audited(row)
        _move(row, to, note.strip())
        if to is ActionState.DONE:
            row.done_on = _shop_day(row)
            row.measure_from = measured_weeks(row.done_on, row.after_weeks)[-1].end + timedelta(days=1)
        _save(row, before)
        if to is ActionState.DONE:
            _record_work(row)
        if to is ActionState.CANCELLED and row.issue_id is not None:
            follow_action(row.issue_id, "")
    return get_action(action_id)


def verify_action(*, action_id: int, version: int, verdict: str, effect: dict[str, Any], note: str) -> Row:
    """Close a finished action with what came of it."""
    with transaction.atomic():
        row = lock_action(action_id, version)
        before = _audited(row)
        _move(row, ActionState.VERIFIED, note)
        row.verdict, row.effect, row.closed_at = verdict, effect, clock.now()
        _save(row, before)
        if row.issue_id is not None:
            follow_action(row.issue_id, verdict)
    return get_action(action_id)


def note_effect(*, action_id: int, version: int, effect: dict[str, Any]) -> Row:
    """Keep an estimate that does not allow a verdict yet."""
    with transaction.atomic():
        row = lock_action(action_id, version)
        before = _audited(row)
        row.effect = effect
        _save(row, before)
    return get_action(action_id)


def measured_weeks(done_on: date, after_weeks: int) -> list[Period]:
    """The full weeks after the one in which an action was finished, as the client's weeks run."""
    week = Period.containing(done_on, PeriodKind.WEEK, require_client().week_start)
    weeks = [week.next()]
    while len(weeks) < after_weeks:
        weeks.append(weeks[-1].next())
    return weeks


def lock_action(action_id: int, version: int | None = None) -> Action:
    """Return an action's row for a change in this transaction; `PreconditionFailed` for another version."""
    row = Action.objects.select_for_update().filter(pk=action_id).first()
    if row is None:
        raise NotFound(f"there is no action {action_id}")
    if version is not None and row.version != version:
        raise PreconditionFailed
    return row


def move_department(row: Action, department: str, note: str) -> None:
    """Give an action to another department; inside the transaction that accepted the hand-off."""
    before = _audited(row)
    row.department = department
    _note(row, row.state, note)
    _save(row, before)


def _move(row: Action, to: ActionState, note: str) -> None:
    present = ActionState(row.state)
    if not may_step(ACTION_STEPS, present, to):
        raise StepNotAllowed(f"an action that is {present.value} cannot become {to.value}")
    row.state = to.value
    if to in _STAMPS:
        setattr(row, _STAMPS[to], clock.now())
    if to is ActionState.CANCELLED:
        row.closed_at = clock.now()
    _note(row, present.value, note)


def _save(row: Action, before: dict[str, Any]) -> None:
    row.version += 1
    row.save()
    outbox.emit("kpis.action_changed", {"action_id": row.pk, "state": row.state})
    audit.record("action.changed", target=("action", row.pk), before=before, after=_audited(row))


def _note(row: Action, before: str, note: str) -> None:
    ActionStep.objects.create(
        action_id=row.pk, before=before, after=row.state, note=note, at=clock.now(), by=current_actor().label
    )


def _shop_day(row: Action) -> date:
    """The day on which it was done, as the first store's clock shows it."""
    return clock.today(get_store(row.store_ids[0]).time_zone)


def _record_work(row: Action) -> None:
    """Tell the team's KPIs (R8): one work item per store, on time or not, from the product's own record."""
    if row.done_at is None:
        raise ValueError(f"action {row.pk} is not done")
    for store_id in row.store_ids:
        store = get_store(store_id)
        done_on = business_day(row.done_at, store.time_zone)
        due_at = day_bounds(row.due_on, store.time_zone)[1]
        item = WorkItemRecord(
            work_key=f"action:{row.pk}",
            kind=WorkKind.ACTION_ITEM,
            sku="",
            owner=row.owner,
            business_on=done_on,
            started_at=row.created_at,
            due_at=due_at,
            finished_at=row.done_at,
            is_ok=row.done_at < due_at,
            source_updated_at=row.done_at,
        )
        covered = (min(business_day(row.created_at, store.time_zone), done_on), done_on)
        record_facts(
            store_id=store_id, records=[item], dataset="work", covered=covered, source="kpis.actions"
        )


def _audited(row: Action) -> dict[str, Any]:
    return {
        "title": row.title,
        "kpi": row.kpi,
        "stores": row.store_ids,
        "skus": row.skus,
        "department": row.department,
        "owner": row.owner,
        "due_on": row.due_on,
        "state": row.state,
        "verdict": row.verdict,
        "version": row.version,
    }
