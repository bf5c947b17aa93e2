"""Gate: only so many changes a shop day."""

from __future__ import annotations

from pricing.rules.limits.base import Gate
from pricing.rules.syntax import RuleSet
from pricing.types import Outcome, PricingContext, Reason


def _check(context: PricingContext, rule_set: RuleSet) -> tuple[Reason, ...]:
    most = rule_set.limits.changes_per_day
    if context.changes_today < most:
        return ()
    text = f"{context.changes_today} changes today, {most} are allowed"
    return (Reason("changes_per_day", text, {"changes": str(context.changes_today), "most": str(most)}),)


GATE = Gate("changes_per_day", "The shop day has a change left.", Outcome.HOLD, _check)
