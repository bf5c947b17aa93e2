"""Red KPIs that somebody has to look at: opened by reviews, once per store and KPI while unfinished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from kpis.engine.action_states import (
    ISSUE_STEPS,
    UNFINISHED_ACTIONS,
    UNFINISHED_ISSUES,
    ActionState,
    IssueState,
    may_step,
)
from kpis.engine.effect import Verdict
from kpis.models import Action, Issue
from kpis.selectors.lines import Row
from kpis.selectors.reviews import get_issue
from kpis.types import Status
from tenants import audit, outbox
from tenants.context import current_actor

_CAUSE = ("value", "target", "warn", "status", "status_reason", "change", "sample", "coverage", "data_as_of")


class StepNotAllowed(Conflict):
    """What was asked for does not follow from the present state."""

    code = "step_not_allowed"
    title = gettext_noop("This step is not possible from the present state")
    permanent = True


def open_issues(*, review_id: int, period: str, cards: Sequence[Mapping[str, Any]]) -> list[int]:
    """Open an issue for every bad line of the stores' own scorecards; returns the new ones' ids.

    Where one is unfinished already, the period is added to those that showed it bad, once. Call it inside the
    transaction of the review.
    """
    opened = []
    for store_id, line in _bad_lines(cards):
        row = (
            Issue.objects.select_for_update()
            .filter(store_id=store_id, kpi=line["key"], state__in=UNFINISHED_ISSUES)
            .first()
        )
        if row is None:
            row = Issue.objects.create(
                store_id=store_id,
                kpi=line["key"],
                review_id=review_id,
                state=IssueState.OPEN.value,
                numbers={"period": period, **{name: line.get(name) for name in _CAUSE}},
                seen_in=[period],
                opened_at=clock.now(),
            )
            opened.append(row.pk)
            outbox.emit("kpis.issue_opened", {"issue_id": row.pk, "store_id": store_id, "kpi": row.kpi})
            audit.record("issue.opened", target=("issue", row.pk), after=_audited(row))
        elif period not in row.seen_in:
            before = _audited(row)
            row.seen_in = [*row.seen_in, period]
            row.version += 1
            row.save()
            audit.record("issue.recurred", target=("issue", row.pk), before=before, after=_audited(row))
    return opened


def close_issue(*, issue_id: int, version: int, to: IssueState, reason: str) -> Row:
    """Resolve an issue, or dismiss it with a reason; `StepNotAllowed` once it is closed."""
    if to is IssueState.DISMISSED and not reason.strip():
        raise Invalid(errors=[FieldError("/reason", "A dismissal needs a reason.", "required")])
    with transaction.atomic():
        row = Issue.objects.select_for_update().filter(pk=issue_id).first()
        if row is None:
            raise NotFound(f"there is no issue {issue_id}")
        if row.version != version:
            raise PreconditionFailed
        _step(row, to, reason.strip())
    return get_issue(issue_id)


def take_in_action(issue_id: int) -> None:
    """Note that something is being done about an issue; inside the transaction that creates the action."""
    row = Issue.objects.select_for_update().filter(pk=issue_id).first()
    if row is None:
        raise NotFound(f"there is no issue {issue_id}")
    if row.state != IssueState.IN_ACTION.value:
        _step(row, IssueState.IN_ACTION, "")


def follow_action(issue_id: int, verdict: str) -> None:
    """After an action ended: its success resolves the issue, failure of the last one opens it again."""
    row = Issue.objects.select_for_update().filter(pk=issue_id).first()
    if row is None or row.state != IssueState.IN_ACTION.value:
        return
    going_on = [*UNFINISHED_ACTIONS, ActionState.DONE]
    if Action.objects.filter(issue_id=issue_id, state__in=going_on).exists():
        return
    _step(row, IssueState.RESOLVED if verdict == Verdict.WORKED.value else IssueState.OPEN, "")


def _step(row: Issue, to: IssueState, reason: str) -> None:
    present = IssueState(row.state)
    if not may_step(ISSUE_STEPS, present, to):
        raise StepNotAllowed(f"an issue that is {present.value} cannot become {to.value}")
    before = _audited(row)
    row.state, row.reason = to.value, reason or row.reason
    if to in (IssueState.RESOLVED, IssueState.DISMISSED):
        row.closed_at, row.closed_by = clock.now(), current_actor().label
    row.version += 1
    row.save()
    audit.record(f"issue.{to.value}", target=("issue", row.pk), before=before, after=_audited(row))


def _bad_lines(cards: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Lines that are bad for good: a figure that may still change opens nothing."""
    for card in cards:
        if card["store"] is not None:
            for line in card["kpis"]:
                if line["status"] == Status.BAD.value:
                    yield card["store"], line


def _audited(row: Issue) -> dict[str, Any]:
    return {
        "store": row.store_id,
        "kpi": row.kpi,
        "state": row.state,
        "seen_in": row.seen_in,
        "reason": row.reason,
        "version": row.version,
    }
