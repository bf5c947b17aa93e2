"""Gate: without a price there is nothing to move."""

from __future__ import annotations

from pricing.rules.limits.base import Gate
from pricing.rules.syntax import RuleSet
from pricing.types import Outcome, PricingContext, Reason


def _check(context: PricingContext, rule_set: RuleSet) -> tuple[Reason, ...]:
    if context.price is not None and context.price > 0:
        return ()
    return (Reason("no_price", "no current price of the listing is known"),)


GATE = Gate("price_known", "The listing has a price.", Outcome.BLOCKED, _check)
