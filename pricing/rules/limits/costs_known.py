"""Gate: a cost that nobody knows blocks; an unknown is never taken for nothing."""

from __future__ import annotations

from pricing.rules.limits.base import Gate
from pricing.rules.syntax import RuleSet
from pricing.types import Outcome, PricingContext, Reason


def _check(context: PricingContext, rule_set: RuleSet) -> tuple[Reason, ...]:
    if not context.missing:
        return ()
    names = ", ".join(context.missing)
    return (Reason("missing_costs", f"these costs are not known: {names}", {"lines": names}),)


GATE = Gate("costs_known", "Every line of the costs is known.", Outcome.BLOCKED, _check)
