"""Setting what a store is measured against: single targets, plans, templates. Nothing is overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from config.lib import clock
from config.lib.errors import FieldError, Invalid, PreconditionFailed
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from kpis.catalog.templates import ScorecardTemplate, TemplateLine
from kpis.engine.plan_rules import PlanFacts, PlannedLine, PlanSeverity, Problem
from kpis.engine.validate_plan import soften, validate_line, validate_plan
from kpis.models import ScorecardPlan, Target
from kpis.selectors.definitions import list_definitions
from kpis.selectors.plan_facts import gather_facts
from kpis.selectors.plans import (
    direction_of,
    find_target,
    get_target,
    get_template,
    list_baselined,
    list_targets,
)
from kpis.selectors.weights import plan_version
from kpis.services.baselines import estimate_baselines, freeze_baselines
from kpis.services.resources import lock_store
from kpis.types import Goal, LineRole, PlanView, Position, TargetView
from tenants import audit
from tenants.context import current_actor

_BOUNDS = ("target", "warn", "target_low", "target_high", "warn_low", "warn_high")

# A template is applied on a store's first day with us, before there is a history or an agreed date; its lines
# are told to lack them, not refused.
_LENIENT = frozenset({"no_baseline", "no_deadline", "not_measurable"})


@dataclass(frozen=True, slots=True)
class TargetDraft:
    """A target as somebody proposes it; see `kpis.models.Target` for the meaning of the fields.

    `override_reason` lets through what the checks advise against (a change within the quarter, a target that
    the resources rule out).
    """

    role: LineRole
    weight: Decimal
    bounds: dict[str, Decimal]
    effective_on: date
    owner: str
    source: str
    deadline_on: date | None
    override_reason: str = ""


@dataclass(frozen=True, slots=True)
class SetTarget:
    """A target as recorded, and what a person should know of it."""

    target: TargetView
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class CheckedPlan:
    """A whole plan with everything that is wrong with it."""

    problems: tuple[Problem, ...]

    @property
    def is_valid(self) -> bool:
        """Could it be saved?"""
        return all(problem.severity is not PlanSeverity.ERROR for problem in self.problems)


def set_target(*, store_id: int, kpi: str, draft: TargetDraft, version: int) -> SetTarget:
    """Record a new target of a store's KPI in place of `version` (0: there was none).

    Freezes the KPI's baseline if that has not been done. `NotFound` for an unknown store or KPI, `Invalid`
    with every broken rule (see kpis.engine.validate_plan), `PreconditionFailed` when somebody else was
    faster.
    """
    store = get_store(store_id)
    line = _planned(kpi, draft)
    with transaction.atomic():
        lock_store("targets", store_id)
        before = find_target(store_id, kpi)
        if (before.version if before else 0) != version:
            raise PreconditionFailed
        in_force = list_targets(store_id, draft.effective_on)
        others = [_standing(each) for each in in_force if each.kpi != kpi]
        facts = _facts(store, [kpi, *(each.kpi for each in others)], draft.effective_on, in_force)
        problems = validate_line(kpi, [*others, line], facts)
        _refuse(problems, {problem.kpi: "" for problem in problems})
        freeze_baselines(store=store, kpis=[kpi], before=draft.effective_on)
        _record(store_id, kpi, draft, version + 1)
        after = get_target(store_id, kpi)
        audit.record(
            "target.set",
            target=("target", f"{store_id}:{kpi}"),
            before=_audited(before),
            after={**(_audited(after) or {}), "override_reason": draft.override_reason},
        )
    return SetTarget(after, tuple(problems))


def check_plan(*, store_id: int, drafts: Mapping[str, TargetDraft], effective_on: date) -> CheckedPlan:
    """Return everything that is wrong with a whole plan from a day on; nothing is saved.

    KPIs of the present plan that are not among `drafts` would be taken off. `NotFound` for an unknown store.
    """
    store = get_store(store_id)
    in_force = list_targets(store_id, effective_on)
    return CheckedPlan(tuple(_judge(store, _whole(drafts, in_force, effective_on), effective_on, in_force)))


def set_plan(
    *, store_id: int, drafts: Mapping[str, TargetDraft], effective_on: date, version: int
) -> CheckedPlan:
    """Replace a store's plan from a day on, all lines or none, in place of `version` (selectors.weights).

    KPIs of the present plan that are not among `drafts` are taken off; lines that stay as they are get no new
    version. Errors as of `set_target`.
    """
    store = get_store(store_id)
    with transaction.atomic():
        lock_store("targets", store_id)
        if plan_version(store_id) != version:
            raise PreconditionFailed
        in_force = list_targets(store_id, effective_on)
        whole = _whole(drafts, in_force, effective_on)
        problems = _judge(store, whole, effective_on, in_force)
        places = {kpi: f"/lines/{n}" for n, kpi in enumerate(drafts)}
        _refuse(problems, places)
        standing = {each.kpi: each for each in in_force}
        changed = {kpi: draft for kpi, draft in whole.items() if _differs(draft, standing.get(kpi))}
        freeze_baselines(store=store, kpis=list(drafts), before=effective_on)
        _record_all(store_id, changed)
        audit.record(
            "plan.set",
            target=("store", store_id),
            before={"lines": {kpi: _audited(target) for kpi, target in standing.items() if kpi in changed}},
            after={
                "effective_on": effective_on.isoformat(),
                "lines": {
                    kpi: {"role": d.role.value, "weight": str(d.weight), "reason": d.override_reason}
                    | {name: str(bound) for name, bound in d.bounds.items()}
                    for kpi, d in changed.items()
                },
            },
        )
    return CheckedPlan(tuple(problems))


def apply_template(
    *,
    store_id: int,
    template: str,
    effective_on: date,
    owner: str = "",
    override_reason: str = "",
    stage: str = "",
) -> PlanView:
    """Make a store follow a template from `effective_on` on: its targets, weights and roles.

    KPIs that the template does not know are taken off the scorecard from that day; earlier days keep theirs.
    Lines have the owner named, else the one they had, else the position of the KPI. Baselines are frozen
    where there is history. `stage` is the one it is applied for, if that is to come. `NotFound` for an
    unknown store or template, `Invalid` for a template of another market or lines that break a rule.
    """
    store, chosen = get_store(store_id), get_template(template)
    if chosen.market != store.market:
        raise Invalid(
            f"{template} is for {chosen.market}, the store sells in {store.market}",
            errors=[FieldError("/template", "This template is for another market.", "market")],
        )
    with transaction.atomic():
        lock_store("targets", store_id)
        in_force = list_targets(store_id, effective_on)
        owners = {each.kpi: owner or each.owner for each in in_force}
        positions = {key: kpi.position for key, kpi in list_definitions().items()}
        drafts = {
            line.kpi: replace(
                _draft(line, chosen, effective_on),
                owner=owners.get(line.kpi, owner) or positions.get(line.kpi, Position.ACCOUNT_MANAGER).value,
                override_reason=override_reason,
            )
            for line in chosen.lines
        }
        whole = _whole(drafts, in_force, effective_on, override_reason, f"not in template {chosen.key}")
        problems = soften(_judge(store, whole, effective_on, in_force, stage or chosen.stage), _LENIENT)
        _refuse(problems, dict.fromkeys(drafts, "/template"))
        _record_all(store_id, whole)
        freeze_baselines(store=store, kpis=list(drafts), before=effective_on)
        plan = _record_plan(store, chosen, effective_on)
        audit.record(
            "template.applied",
            target=("store", store_id),
            after={
                "template": template,
                "version": chosen.version,
                "effective_on": effective_on.isoformat(),
                "owner": owner,
                "override_reason": override_reason,
            },
        )
    return plan


def _judge(
    store: StoreRef,
    whole: Mapping[str, TargetDraft],
    effective_on: date,
    in_force: Sequence[TargetView],
    stage: str = "",
) -> list[Problem]:
    facts = _facts(store, list(whole), effective_on, in_force, stage)
    known = {kpi: draft for kpi, draft in whole.items() if kpi in facts.definitions}
    unknown = [
        Problem(
            PlanSeverity.ERROR, "unknown_kpi", kpi, "kpi", "There is no such KPI.", "See the list of KPIs."
        )
        for kpi in whole
        if kpi not in known
    ]
    return [*unknown, *validate_plan([_planned(kpi, draft) for kpi, draft in known.items()], facts)]


def _facts(
    store: StoreRef,
    kpis: Sequence[str],
    effective_on: date,
    in_force: Sequence[TargetView],
    stage: str = "",
) -> PlanFacts:
    frozen = list_baselined(store.id)
    missing = [key for key in kpis if key not in frozen]
    estimated = {row.kpi for row in estimate_baselines(store=store, kpis=missing, before=effective_on)}
    return gather_facts(
        store,
        kpis=kpis,
        effective_on=effective_on,
        in_force=in_force,
        baselined=frozen | estimated,
        stage=stage,
    )


def _refuse(problems: Sequence[Problem], places: Mapping[str, str]) -> None:
    """Raise `Invalid` with every error; `places` says where in the body each KPI's line stands."""
    errors = [problem for problem in problems if problem.severity is PlanSeverity.ERROR]
    if errors:
        raise Invalid(
            "The targets break rules.",
            errors=[
                FieldError(
                    f"{places.get(problem.kpi, '')}/{problem.field}"
                    if problem.kpi in places or not problem.kpi
                    else "",
                    f"{problem.kpi + ': ' if problem.kpi else ''}{problem.message} {problem.remedy}",
                    problem.code,
                )
                for problem in errors
            ],
        )


def _planned(kpi: str, draft: TargetDraft) -> PlannedLine:
    return PlannedLine(
        kpi,
        draft.role,
        draft.weight,
        Goal(direction_of(kpi), **draft.bounds),
        draft.owner,
        draft.source,
        draft.deadline_on,
        draft.override_reason,
    )


def _standing(target: TargetView) -> PlannedLine:
    return PlannedLine(
        target.kpi,
        target.role,
        target.weight,
        target.goal,
        target.owner,
        target.source,
        target.deadline_on,
    )


def _whole(
    drafts: Mapping[str, TargetDraft],
    in_force: Sequence[TargetView],
    effective_on: date,
    override_reason: str = "",
    source: str = "not in the plan any more",
) -> dict[str, TargetDraft]:
    """The drafts, and for each line in force that is not among them one that takes it off."""
    reason = override_reason or next((d.override_reason for d in drafts.values() if d.override_reason), "")
    return dict(drafts) | {
        target.kpi: TargetDraft(
            LineRole.OFF, Decimal(0), {}, effective_on, target.owner, source, None, reason
        )
        for target in in_force
        if target.kpi not in drafts
    }


def _differs(draft: TargetDraft, present: TargetView | None) -> bool:
    if present is None:
        return True
    bounds = {name: bound for name in _BOUNDS if (bound := getattr(present.goal, name)) is not None}
    return (draft.role, draft.weight, draft.bounds, draft.owner, draft.source, draft.deadline_on) != (
        present.role,
        present.weight,
        bounds,
        present.owner,
        present.source,
        present.deadline_on,
    )


def _record_all(store_id: int, drafts: Mapping[str, TargetDraft]) -> None:
    versions = dict(
        Target.objects.filter(store_id=store_id).values_list("kpi").annotate(latest=Max("version"))
    )
    for kpi, draft in drafts.items():
        _record(store_id, kpi, draft, versions.get(kpi, 0) + 1)


def _record(store_id: int, kpi: str, draft: TargetDraft, version: int) -> None:
    Target.objects.create(
        store_id=store_id,
        kpi=kpi,
        effective_on=draft.effective_on,
        version=version,
        role=draft.role,
        weight=draft.weight,
        owner=draft.owner,
        deadline_on=draft.deadline_on,
        source=draft.source,
        override_reason=draft.override_reason,
        recorded_at=clock.now(),
        recorded_by=current_actor().label,
        **draft.bounds,
    )


def _draft(line: TemplateLine, template: ScorecardTemplate, effective_on: date) -> TargetDraft:
    bounds = {name: value for name in _BOUNDS if (value := getattr(line.goal, name)) is not None}
    source = f"{template.key} v{template.version}: {line.source}"
    return TargetDraft(line.role, line.weight, bounds, effective_on, "", source, None)


def _record_plan(store: StoreRef, template: ScorecardTemplate, effective_on: date) -> PlanView:
    row = ScorecardPlan.objects.create(
        store_id=store.id,
        template=template.key,
        template_version=template.version,
        effective_on=effective_on,
        recorded_at=clock.now(),
        recorded_by=current_actor().label,
    )
    return PlanView(row.store_id, row.template, row.template_version, row.effective_on, row.recorded_at)


def _audited(target: TargetView | None) -> dict[str, Any] | None:
    if target is None:
        return None
    bounds = {name: getattr(target.goal, name) for name in _BOUNDS}
    return {
        "version": target.version,
        "effective_on": target.effective_on.isoformat(),
        "role": target.role.value,
        "weight": str(target.weight),
        "owner": target.owner,
        "source": target.source,
        "deadline_on": target.deadline_on.isoformat() if target.deadline_on else None,
        **{name: None if value is None else str(value) for name, value in bounds.items()},
    }
