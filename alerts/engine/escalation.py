"""By when somebody has to acknowledge an alert: the rule's own hours, else what was agreed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from alerts.types import Policy, Severity

URGENT = timedelta(hours=4)
LONGEST = timedelta(hours=24)
"""The guarantee: whatever else is agreed, the next level hears of it within a day."""


def ack_deadline(
    start: datetime, policy: Policy, severity: Severity, agreed: Callable[[datetime], datetime]
) -> datetime:
    """Return the instant by which what was told at `start` has to be acknowledged, at most a day later.

    The rule's own hours first (round the clock); else the contract's promise, which `agreed` counts, and for
    a critical alert, which is urgent whatever the contract says, 4 hours.
    """
    if policy.escalate_after_hours is not None:
        own = timedelta(seconds=int(policy.escalate_after_hours * 3600))
        return start + min(own, LONGEST)
    due = min(agreed(start), start + LONGEST)
    return min(due, start + URGENT) if severity is Severity.CRITICAL else due
