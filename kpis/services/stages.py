"""Moving a store to another stage, and deciding on what that or a newer template would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from config.lib import clock
from config.lib.errors import Conflict, Invalid, PreconditionFailed, gettext_noop
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from kpis.catalog.templates import TEMPLATES, ScorecardTemplate
from kpis.models.stages import PlanProposal, StoreStage
from kpis.selectors.plans import find_plan, list_targets
from kpis.selectors.stages import (
    ProposalView,
    Stage,
    StageView,
    get_proposal,
    latest_stage_version,
    list_stages,
)
from kpis.selectors.template_diff import diff, find_template
from kpis.services.resources import lock_store
from kpis.services.targets import apply_template
from tenants import audit
from tenants.context import current_actor


class ProposalDecided(Conflict):
    """A proposal is decided once."""

    code = "proposal_decided"
    title = gettext_noop("The proposal is decided already")
    permanent = True


class TemplateCurrent(Conflict):
    """There is no newer template to move to."""

    code = "template_current"
    title = gettext_noop("The store follows the latest version of its template")
    permanent = True


@dataclass(frozen=True, slots=True)
class StageChange:
    """A stage as set, and what it proposes to change of the plan; None where nothing would change."""

    stage: StageView
    proposal: ProposalView | None


def set_stage(*, store_id: int, stage: Stage, effective_on: date, reason: str, version: int) -> StageChange:
    """Record a store's stage from a day on, in place of `version` (0: none was set); targets do not change.

    The changes of the plan that the stage's template suggests await a person's decision; an earlier open
    proposal gives way to it. `NotFound` for an unknown store, `PreconditionFailed` when somebody else was
    faster.
    """
    store = get_store(store_id)
    with transaction.atomic():
        lock_store("stages", store_id)
        if latest_stage_version(store_id) != version:
            raise PreconditionFailed
        StoreStage.objects.create(
            store_id=store_id,
            stage=stage.value,
            effective_on=effective_on,
            version=version + 1,
            reason=reason,
            recorded_at=clock.now(),
            recorded_by=current_actor().label,
        )
        template = find_template(store, effective_on, stage.value)
        proposal = None
        if template is not None:
            note = (
                ""
                if template.stage == stage.value
                else f"there is no template of stage {stage.value} for this market and model; this is the"
                f" one of stage {template.stage}"
            )
            proposal = _propose(store, template, "stage", stage.value, effective_on, note)
        after = list_stages(store_id)[0]
        audit.record(
            "stage.set",
            target=("store", store_id),
            after={
                "stage": stage.value,
                "effective_on": effective_on.isoformat(),
                "version": after.version,
                "reason": reason,
                "proposal": proposal.id if proposal else None,
            },
        )
    return StageChange(after, proposal)


def propose_upgrade(*, store_id: int) -> ProposalView:
    """Propose the changes that the newer version of the store's template makes.

    `Invalid` where the store follows no template, `TemplateCurrent` where there is no newer version or it
    changes nothing.
    """
    store = get_store(store_id)
    today = clock.today(store.time_zone)
    plan = find_plan(store_id, today)
    if plan is None or plan.template not in TEMPLATES:
        raise Invalid(
            f"store {store_id} follows no template", remedy="Apply one first; see the store's template diff."
        )
    template = TEMPLATES[plan.template]
    if template.version <= plan.template_version:
        raise TemplateCurrent(f"{template.key} is at version {template.version}, as the store's plan.")
    with transaction.atomic():
        lock_store("stages", store_id)
        note = f"version {plan.template_version} to {template.version}"
        proposal = _propose(store, template, "template", "", today, note)
        if proposal is None:
            raise TemplateCurrent(f"{note} changes nothing for this store.")
        audit.record(
            "proposal.made",
            target=("store", store_id),
            after={"proposal": proposal.id, "template": template.key, "version": template.version},
        )
    return proposal


def accept_proposal(
    *, store_id: int, proposal_id: int, reason: str, effective_on: date | None = None
) -> ProposalView:
    """Make the store follow the proposal's template, from its day or a later one.

    The reason stands for the quarter's guard as well: a new stage is what targets may change for. Errors as
    of `apply_template`; `ProposalDecided` when somebody decided already, `Conflict` when the template has
    changed since.
    """
    with transaction.atomic():
        proposal = _decide(store_id, proposal_id, "accepted", reason)
        template = TEMPLATES.get(proposal.template)
        if template is None or template.version != proposal.template_version:
            raise Conflict(
                f"{proposal.template} has changed since the proposal.", remedy="Reject it and propose anew."
            )
        why = f"stage {proposal.stage}" if proposal.stage else f"template version {template.version}"
        apply_template(
            store_id=store_id,
            template=proposal.template,
            effective_on=effective_on or proposal.effective_on,
            override_reason=f"{why}: {reason}"[:300],
            stage=proposal.stage,
        )
    return get_proposal(store_id, proposal_id)


def reject_proposal(*, store_id: int, proposal_id: int, reason: str) -> ProposalView:
    """Leave the plan as it is, with a reason; `ProposalDecided` when somebody decided already."""
    with transaction.atomic():
        _decide(store_id, proposal_id, "rejected", reason)
    return get_proposal(store_id, proposal_id)


def _decide(store_id: int, proposal_id: int, state: str, reason: str) -> ProposalView:
    """The only place that closes a proposal; the condition makes the first of two deciders win."""
    before = get_proposal(store_id, proposal_id)
    decided = PlanProposal.objects.filter(pk=proposal_id, store_id=store_id, state="open").update(
        state=state,
        version=before.version + 1,
        decided_at=clock.now(),
        decided_by=current_actor().label,
        reason=reason,
    )
    if not decided:
        raise ProposalDecided(f"It was {get_proposal(store_id, proposal_id).state}.")
    audit.record(
        f"proposal.{state}",
        target=("proposal", proposal_id),
        before={"state": "open"},
        after={"state": state, "reason": reason},
    )
    return before


def _propose(
    store: StoreRef, template: ScorecardTemplate, cause: str, stage: str, effective_on: date, note: str
) -> ProposalView | None:
    changes = diff(list_targets(store.id, effective_on), template)
    PlanProposal.objects.filter(store_id=store.id, state="open").update(
        state="superseded", decided_at=clock.now(), decided_by=current_actor().label
    )
    if not changes:
        return None
    row = PlanProposal.objects.create(
        store_id=store.id,
        cause=cause,
        stage=stage,
        template=template.key,
        template_version=template.version,
        note=note,
        effective_on=effective_on,
        changes=changes,
        created_at=clock.now(),
        created_by=current_actor().label,
    )
    return get_proposal(store.id, row.pk)
