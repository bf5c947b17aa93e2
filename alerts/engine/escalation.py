"""By when somebody has to acknowledge an alert: the rule's own hours, else what was agreed."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from alerts.types import Policy, Severity

URGENT_HOURS = Decimal(4)
STANDARD_HOURS = Decimal(24)
"""The guarantee: whatever else is agreed, nobody waits longer than a day for the next level."""


def ack_hours(policy: Policy, severity: Severity) -> Decimal:
    """Return the hours until an unacknowledged alert goes one level up, at most 24.

    The rule's own count first; else 4 for a critical alert, which is urgent, and 24 for any other.
    """
    if policy.escalate_after_hours is not None:
        return min(policy.escalate_after_hours, STANDARD_HOURS)
    return URGENT_HOURS if severity is Severity.CRITICAL else STANDARD_HOURS


def ack_deadline(start: datetime, policy: Policy, severity: Severity) -> datetime:
    """Return the instant by which what was told at `start` has to be acknowledged."""
    return start + timedelta(seconds=int(ack_hours(policy, severity) * 3600))
