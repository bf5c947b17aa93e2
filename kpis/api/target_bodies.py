"""How targets, plans, proposals and baselines are shown, and read from a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpis.engine.plan_rules import Problem
from kpis.selectors.baselines import BaselineView
from kpis.selectors.lines import goal_json, instant, text
from kpis.selectors.plans import direction_of
from kpis.selectors.stages import ProposalView, StageView
from kpis.services.targets import TargetDraft
from kpis.types import Goal, PlanView, TargetView

BOUNDS = ("target", "warn", "target_low", "target_high", "warn_low", "warn_high")


def draft_of(values: Mapping[str, Any]) -> TargetDraft:
    """The draft that a body proposes."""
    return TargetDraft(
        role=values["role"],
        weight=values["weight"],
        bounds={name: values[name] for name in BOUNDS if values.get(name) is not None},
        effective_on=values["effective_on"],
        owner=values["owner"],
        source=values["source"],
        deadline_on=values.get("deadline"),
        override_reason=values["override_reason"],
    )


def target_body(target: TargetView) -> dict[str, Any]:
    """A target."""
    return {
        "store": target.store_id,
        "kpi": target.kpi,
        "role": target.role,
        "weight": text(target.weight),
        "direction": target.goal.direction,
        **goal_json(target.goal),
        "effective_on": target.effective_on,
        "deadline": target.deadline_on,
        "owner": target.owner,
        "source": target.source,
        "version": target.version,
        "recorded_at": instant(target.recorded_at),
    }


def version_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """One version of a target, from its row."""
    bounds = {name: None if row[name] is None else row[name].normalize() + 0 for name in BOUNDS}
    goal = Goal(direction_of(row["kpi"]), **bounds)
    return {
        "version": row["version"],
        "effective_on": row["effective_on"],
        "role": row["role"],
        "weight": text(row["weight"]),
        **goal_json(goal),
        "owner": row["owner"],
        "deadline": row["deadline_on"],
        "source": row["source"],
        "override_reason": row["override_reason"],
        "recorded_at": instant(row["recorded_at"]),
        "recorded_by": row["recorded_by"],
    }


def plan_body(plan: PlanView) -> dict[str, Any]:
    """A template in use."""
    return {
        "store": plan.store_id,
        "template": plan.template,
        "template_version": plan.template_version,
        "effective_on": plan.effective_on,
        "recorded_at": instant(plan.recorded_at),
    }


def problem_body(problem: Problem, places: Mapping[str, str]) -> dict[str, Any]:
    """A problem; `places` says where in the body each KPI's line stands."""
    place = places.get(problem.kpi, "")
    return {
        "severity": problem.severity,
        "code": problem.code,
        "kpi": problem.kpi or None,
        "pointer": f"{place}/{problem.field}" if place else "",
        "message": problem.message,
        "remedy": problem.remedy,
    }


def baseline_body(view: BaselineView) -> dict[str, Any]:
    """The certificate of a baseline."""
    return {
        "store": view.store_id,
        "kpi": view.kpi,
        "value": text(view.value),
        "currency": view.currency or None,
        "method": view.method,
        "n": view.n,
        "window_start": view.window_start_on,
        "window_end": view.window_end_on,
        "source": view.source,
        "recorded_by": view.recorded_by,
        "frozen_at": view.frozen_at,
    }


def stage_body(view: StageView) -> dict[str, Any]:
    """A stage of a store."""
    return {
        "stage": view.stage,
        "effective_on": view.effective_on,
        "version": view.version,
        "reason": view.reason,
        "recorded_at": view.recorded_at,
        "recorded_by": view.recorded_by,
    }


def proposal_body(view: ProposalView) -> dict[str, Any]:
    """A proposal."""
    return {
        "id": view.id,
        "store": view.store_id,
        "cause": view.cause,
        "stage": view.stage or None,
        "template": view.template,
        "template_version": view.template_version,
        "note": view.note,
        "effective_on": view.effective_on,
        "changes": view.changes,
        "state": view.state,
        "version": view.version,
        "created_at": view.created_at,
        "created_by": view.created_by,
        "decided_at": view.decided_at,
        "decided_by": view.decided_by,
        "reason": view.reason,
    }
