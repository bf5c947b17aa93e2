"""The lives of issues, actions, hand-offs, reviews, fallback plans and appeals: every step allowed.

What is not in a table here is refused; nothing but `step` decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)


class ReviewState(StrEnum):
    """A pack is a draft until the meeting is held; then it never changes."""

    DRAFT = "draft"
    HELD = "held"


class IssueState(StrEnum):
    """A red KPI, from noticing it to being done with it."""

    OPEN = "open"
    IN_ACTION = "in_action"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class ActionState(StrEnum):
    """Something somebody does about a KPI. VERIFIED carries a verdict: worked, no effect or unclear."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DONE = "done"
    VERIFIED = "verified"
    CANCELLED = "cancelled"


class HandOffState(StrEnum):
    """An action offered to another department, whose clock runs until it answers."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class TriggerState(StrEnum):
    """A fallback plan whose condition was met waits for a person; it never acts by itself."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class AppealState(StrEnum):
    """What became of an objection to an incentive statement."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Department(StrEnum):
    """Who may be asked to do something."""

    OPERATIONS = "operations"
    ADVERTISING = "advertising"
    PURCHASE = "purchase"
    WAREHOUSE = "warehouse"
    CUSTOMER_SERVICE = "customer_service"
    FINANCE = "finance"
    COMPLIANCE = "compliance"
    MANAGEMENT = "management"


class EffectDirection(StrEnum):
    """Which way an action is to move its KPI."""

    UP = "up"
    DOWN = "down"


ISSUE_STEPS: Mapping[IssueState, frozenset[IssueState]] = {
    IssueState.OPEN: frozenset({IssueState.IN_ACTION, IssueState.RESOLVED, IssueState.DISMISSED}),
    IssueState.IN_ACTION: frozenset({IssueState.OPEN, IssueState.RESOLVED, IssueState.DISMISSED}),
    IssueState.RESOLVED: frozenset(),
    IssueState.DISMISSED: frozenset(),
}

ACTION_STEPS: Mapping[ActionState, frozenset[ActionState]] = {
    ActionState.OPEN: frozenset({ActionState.ACCEPTED, ActionState.CANCELLED}),
    ActionState.ACCEPTED: frozenset({ActionState.DONE, ActionState.CANCELLED}),
    ActionState.DONE: frozenset({ActionState.VERIFIED}),
    ActionState.VERIFIED: frozenset(),
    ActionState.CANCELLED: frozenset(),
}

HAND_OFF_STEPS: Mapping[HandOffState, frozenset[HandOffState]] = {
    HandOffState.OFFERED: frozenset({HandOffState.ACCEPTED, HandOffState.DECLINED}),
    HandOffState.ACCEPTED: frozenset(),
    HandOffState.DECLINED: frozenset(),
}

TRIGGER_STEPS: Mapping[TriggerState, frozenset[TriggerState]] = {
    TriggerState.PENDING: frozenset({TriggerState.APPROVED, TriggerState.REJECTED}),
    TriggerState.APPROVED: frozenset(),
    TriggerState.REJECTED: frozenset(),
}

APPEAL_STEPS: Mapping[AppealState, frozenset[AppealState]] = {
    AppealState.OPEN: frozenset({AppealState.ACCEPTED, AppealState.REJECTED}),
    AppealState.ACCEPTED: frozenset(),
    AppealState.REJECTED: frozenset(),
}

UNFINISHED_ISSUES = (IssueState.OPEN, IssueState.IN_ACTION)
UNFINISHED_ACTIONS = (ActionState.OPEN, ActionState.ACCEPTED)


def may_step(steps: Mapping[S, frozenset[S]], before: S, after: S) -> bool:
    """Whether a table allows this step."""
    return after in steps[before]
