"""Which ways to act are known, how often each worked, and which plans wait for a person's yes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from config.lib.errors import NotFound
from kpis.engine.definitions import wilson_interval
from kpis.engine.effect import Verdict
from kpis.models import Action, FallbackPlan, FallbackTrigger, Playbook
from kpis.selectors.lines import Row
from kpis.selectors.reviews import get_issue

PLAYBOOK = (
    "id", "kpi", "title", "steps", "department", "direction", "expected_size", "is_archived", "version",
    "updated_at", "updated_by",
)  # fmt: skip
PLAN = (
    "id", "store_id", "kpi", "kind", "periods", "playbook_id", "approver", "owner", "is_armed", "version",
    "updated_at", "updated_by",
)  # fmt: skip
TRIGGER = (
    "id", "plan_id", "first_period", "last_period", "values", "state", "version", "reason", "action_id",
    "triggered_at", "decided_at", "decided_by",
)  # fmt: skip


def playbooks_query(*, kpi: str | None = None) -> QuerySet[Any, Any]:
    """The playbooks in use, for paging."""
    rows: QuerySet[Any, Any] = Playbook.objects.filter(is_archived=False).values(*PLAYBOOK)
    return rows if kpi is None else rows.filter(kpi=kpi)


def get_playbook(playbook_id: int) -> Row:
    """Return one playbook, archived or not; `NotFound` if there is none of this id."""
    row = Playbook.objects.filter(pk=playbook_id).values(*PLAYBOOK).first()
    if row is None:
        raise NotFound(f"there is no playbook {playbook_id}")
    return dict(row)


def success_rates(playbook_ids: Sequence[int]) -> dict[int, Row]:
    """What became of the actions that followed these playbooks, over all of the client's stores.

    The rate is worked ÷ (worked + no effect), with Wilson's 95 % interval; the unclear say nothing.
    """
    verdicts = {each.value: Count("id", filter=Q(verdict=each.value)) for each in Verdict}
    rows = (
        Action.objects.filter(playbook_id__in=list(playbook_ids))
        .values("playbook_id")
        .annotate(actions=Count("id"), **verdicts)
        .order_by("playbook_id")
    )
    counted: dict[int | None, Row] = {row["playbook_id"]: dict(row) for row in rows}
    return {key: _rate(counted.get(key, {})) for key in playbook_ids}


def suggest(issue_id: int) -> list[Row]:
    """Return the playbooks for an issue's KPI, those that surely worked most often first."""
    issue = get_issue(issue_id)
    rows = list(playbooks_query(kpi=issue["kpi"]).order_by("id"))
    rates = success_rates([row["id"] for row in rows])
    return sorted(
        ({**row, "success": rates[row["id"]]} for row in rows),
        key=lambda row: (-float(row["success"]["low"] or 0), -row["success"]["actions"], row["id"]),
    )


def plans_query(*, store_id: int | None = None) -> QuerySet[Any, Any]:
    """The fallback plans, for paging."""
    rows: QuerySet[Any, Any] = FallbackPlan.objects.values(*PLAN)
    return rows if store_id is None else rows.filter(store_id=store_id)


def get_plan(plan_id: int) -> Row:
    """Return one fallback plan; `NotFound` if there is none of this id."""
    row = FallbackPlan.objects.filter(pk=plan_id).values(*PLAN).first()
    if row is None:
        raise NotFound(f"there is no fallback plan {plan_id}")
    return dict(row)


def triggers_query(*, state: str | None = None) -> QuerySet[Any, Any]:
    """The log of triggered plans, for paging."""
    rows: QuerySet[Any, Any] = FallbackTrigger.objects.values(*TRIGGER)
    return rows if state is None else rows.filter(state=state)


def get_trigger(trigger_id: int) -> Row:
    """Return one triggered plan; `NotFound` if there is none of this id."""
    row = FallbackTrigger.objects.filter(pk=trigger_id).values(*TRIGGER).first()
    if row is None:
        raise NotFound(f"there is no fallback trigger {trigger_id}")
    return dict(row)


def _rate(counted: Row) -> Row:
    worked, failed = counted.get("worked", 0), counted.get("no_effect", 0)
    interval = dict(wilson_interval(Decimal(worked), Decimal(worked + failed)))
    return {
        "actions": counted.get("actions", 0),
        "worked": worked,
        "no_effect": failed,
        "unclear": counted.get("unclear", 0),
        "rate": format(worked / (worked + failed), ".4f") if interval else None,
        "low": format(interval["low"], ".4f") if interval else None,
        "high": format(interval["high"], ".4f") if interval else None,
    }
