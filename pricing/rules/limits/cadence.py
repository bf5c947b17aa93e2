"""Gate: at least four hours between two changes, more where the rule set says so."""

from __future__ import annotations

from datetime import timedelta

from pricing.rules.fields import LEAST_CADENCE_HOURS
from pricing.rules.limits.base import Gate
from pricing.rules.syntax import RuleSet
from pricing.types import Outcome, PricingContext, Reason


def _check(context: PricingContext, rule_set: RuleSet) -> tuple[Reason, ...]:
    if context.last_changed_at is None:
        return ()
    hours = max(rule_set.limits.cadence_hours, LEAST_CADENCE_HOURS)
    free_at = context.last_changed_at + timedelta(hours=hours)
    if context.at >= free_at:
        return ()
    values = {
        "cadence_hours": str(hours),
        "last_changed_at": context.last_changed_at.isoformat(),
        "free_at": free_at.isoformat(),
    }
    return (Reason("cadence", f"less than {hours} h since the last change", values),)


GATE = Gate("cadence", "Enough hours have passed since the last change.", Outcome.HOLD, _check)
