"""Setting what a store is measured against: single targets and whole templates. Nothing is overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from config.lib import clock
from config.lib.errors import FieldError, Invalid, PreconditionFailed
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from kpis.catalog.templates import ScorecardTemplate, TemplateLine
from kpis.engine.validate import CORE_MAX, goal_faults
from kpis.models import ScorecardPlan, Target
from kpis.selectors.plans import direction_of, find_target, get_target, get_template, list_targets
from kpis.services.baselines import freeze_baselines
from kpis.types import Goal, LineRole, PlanView, TargetView
from tenants import audit
from tenants.context import current_actor, require_client

_BOUNDS = ("target", "warn", "target_low", "target_high", "warn_low", "warn_high")


@dataclass(frozen=True, slots=True)
class TargetDraft:
    """A target as somebody proposes it; see `kpis.models.Target` for the meaning of the fields."""

    role: LineRole
    weight: Decimal
    bounds: dict[str, Decimal]
    effective_on: date
    owner: str
    source: str
    deadline_on: date | None


def set_target(*, store_id: int, kpi: str, draft: TargetDraft, version: int) -> TargetView:
    """Record a new target of a store's KPI in place of `version` (0: there was none).

    Freezes the KPI's baseline if that has not been done. `NotFound` for an unknown store or KPI, `Invalid`
    with every broken rule (no owner, source or deadline; a sixth core KPI; a goal that makes no sense),
    `PreconditionFailed` when somebody else was faster.
    """
    store = get_store(store_id)
    goal = Goal(direction_of(kpi), **draft.bounds)
    with transaction.atomic():
        _lock(store_id)
        before = find_target(store_id, kpi)
        if (before.version if before else 0) != version:
            raise PreconditionFailed
        _check(draft, goal, list_targets(store_id, draft.effective_on), kpi)
        freeze_baselines(store=store, kpis=[kpi], before=draft.effective_on)
        _record(store_id, kpi, draft, version + 1)
        after = get_target(store_id, kpi)
        audit.record(
            "target.set",
            target=("target", f"{store_id}:{kpi}"),
            before=_audited(before),
            after=_audited(after),
        )
    return after


def apply_template(*, store_id: int, template: str, effective_on: date, owner: str) -> PlanView:
    """Make a store follow a template from `effective_on` on: its targets, weights and roles.

    KPIs that the template does not know are taken off the scorecard from that day; earlier days keep theirs.
    Baselines are frozen where there is history. `NotFound` for an unknown store or template, `Invalid` for a
    template of another market.
    """
    store, chosen = get_store(store_id), get_template(template)
    if chosen.market != store.market:
        raise Invalid(
            f"{template} is for {chosen.market}, the store sells in {store.market}",
            errors=[FieldError("/template", "This template is for another market.", "market")],
        )
    with transaction.atomic():
        _lock(store_id)
        kept = list_targets(store_id, effective_on)
        _record_lines(store_id, chosen, kept, effective_on, owner)
        freeze_baselines(store=store, kpis=[line.kpi for line in chosen.lines], before=effective_on)
        plan = _record_plan(store, chosen, effective_on)
        audit.record(
            "template.applied",
            target=("store", store_id),
            after={
                "template": template,
                "version": chosen.version,
                "effective_on": effective_on.isoformat(),
                "owner": owner,
            },
        )
    return plan


def _lock(store_id: int) -> None:
    """One change of a store's scorecard at a time: versions rise without gaps, the core stays within five."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"kpis.targets:{require_client().id}:{store_id}"],
        )


def _check(draft: TargetDraft, goal: Goal, others: Sequence[TargetView], kpi: str) -> None:
    faults = [FieldError("/target", fault, "goal") for fault in goal_faults(goal)]
    faults += _smart_faults(draft, goal)
    core = {other.kpi for other in others if other.role is LineRole.CORE and other.kpi != kpi}
    if draft.role is LineRole.CORE and len(core) >= CORE_MAX:
        faults.append(
            FieldError(
                "/role",
                f"The scorecard has {CORE_MAX} core KPIs already ({', '.join(sorted(core))}); make one of "
                "them auxiliary first. More than five are watched by nobody.",
                "too_many_core",
            )
        )
    if draft.weight > 0 and not goal.is_set:
        faults.append(FieldError("/weight", "A weight needs a target.", "no_target"))
    if faults:
        raise Invalid("The target breaks a rule.", errors=faults)


def _smart_faults(draft: TargetDraft, goal: Goal) -> Iterable[FieldError]:
    """A target without an owner, a source and a deadline is a wish (K4)."""
    if draft.role is LineRole.OFF or not goal.is_set:
        return
    if not draft.owner.strip():
        yield FieldError("/owner", "Say who answers for it.", "required")
    if not draft.source.strip():
        yield FieldError("/source", "Say where the number comes from.", "required")
    if draft.deadline_on is None:
        yield FieldError("/deadline", "Say by when it is to be reached.", "required")
    elif draft.deadline_on < draft.effective_on:
        yield FieldError("/deadline", "It lies before the target takes effect.", "range")


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
        recorded_at=clock.now(),
        recorded_by=current_actor().label,
        **draft.bounds,
    )


def _record_lines(
    store_id: int, template: ScorecardTemplate, kept: Sequence[TargetView], effective_on: date, owner: str
) -> None:
    versions = dict(
        Target.objects.filter(store_id=store_id).values_list("kpi").annotate(latest=Max("version"))
    )
    drafts = {line.kpi: _draft(line, template, effective_on, owner) for line in template.lines}
    gone = TargetDraft(
        LineRole.OFF, Decimal(0), {}, effective_on, owner, f"not in template {template.key}", None
    )
    drafts |= {target.kpi: gone for target in kept if target.kpi not in drafts}
    for kpi, draft in drafts.items():
        _record(store_id, kpi, draft, versions.get(kpi, 0) + 1)


def _draft(line: TemplateLine, template: ScorecardTemplate, effective_on: date, owner: str) -> TargetDraft:
    bounds = {name: value for name in _BOUNDS if (value := getattr(line.goal, name)) is not None}
    source = f"{template.key} v{template.version}: {line.source}"
    return TargetDraft(line.role, line.weight, bounds, effective_on, owner, source, None)


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
