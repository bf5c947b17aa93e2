"""In what a store's plan differs from a template."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.types import StoreRef
from kpis.catalog.templates import TEMPLATES, ScorecardTemplate, TemplateLine, choose_template
from kpis.selectors.lines import goal_json, text
from kpis.selectors.plans import find_plan, get_template, list_targets
from kpis.selectors.resources import model_of
from kpis.selectors.stages import stage_of
from kpis.types import Goal, LineRole, TargetView

Row = dict[str, Any]


def find_template(store: StoreRef, on: date, stage: str = "") -> ScorecardTemplate | None:
    """Return the template for a store's market, model, platform and stage (its present one unless told)."""
    return choose_template(store.market, model_of(store), stage or stage_of(store.id, on), store.platform)


def compare_template(store: StoreRef, on: date, key: str = "") -> Row:
    """Return how the plan of a day differs from a template: the one named, else the one it was made from,
    else the one that fits the store. `NotFound` for an unknown key.
    """
    plan, suggested = find_plan(store.id, on), find_template(store, on)
    chosen = get_template(key) if key else None
    if chosen is None and plan is not None:
        chosen = TEMPLATES.get(plan.template)
    chosen = chosen or suggested
    changes = diff(list_targets(store.id, on), chosen) if chosen else []
    return {
        "template": chosen.key if chosen else None,
        "template_version": chosen.version if chosen else None,
        "source": chosen.source if chosen else None,
        "followed": plan.template if plan else None,
        "followed_version": plan.template_version if plan else None,
        "followed_since": plan.effective_on if plan else None,
        "suggested": suggested.key if suggested else None,
        "is_outdated": bool(
            plan and plan.template in TEMPLATES and plan.template_version < TEMPLATES[plan.template].version
        ),
        "changes": changes,
    }


def diff(present: Sequence[TargetView], template: ScorecardTemplate) -> list[Row]:
    """Return what following the template would change: lines added, removed and changed, by KPI."""
    old, new = {each.kpi: each for each in present}, {each.kpi: each for each in template.lines}
    rows = []
    for kpi in (*new, *(key for key in old if key not in new)):
        if kpi in old and kpi in new and _meaning(old[kpi]) == _meaning(new[kpi]):
            continue
        before = _shown(old[kpi]) if kpi in old else None
        after = _shown(new[kpi]) if kpi in new else None
        kind = "added" if before is None else "removed" if after is None else "changed"
        reason = new[kpi].source if kpi in new else f"not in template {template.key}"
        rows.append({"kpi": kpi, "kind": kind, "before": before, "after": after, "reason": reason})
    return rows


def _meaning(line: TargetView | TemplateLine) -> tuple[LineRole, Decimal, Goal]:
    return line.role, line.weight, line.goal


def _shown(line: TargetView | TemplateLine) -> Row:
    return {"role": line.role.value, "weight": text(line.weight.normalize() + 0), **goal_json(line.goal)}
