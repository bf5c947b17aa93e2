"""Gate: only what is in stock is priced."""

from __future__ import annotations

from pricing.rules.limits.base import Gate
from pricing.rules.syntax import RuleSet
from pricing.types import Outcome, PricingContext, Reason


def _check(context: PricingContext, rule_set: RuleSet) -> tuple[Reason, ...]:
    if context.stock_units is None:
        return (Reason("stock_unknown", "the stock of the listing is not known"),)
    return () if context.stock_units > 0 else (Reason("no_stock", "nothing is in stock"),)


GATE = Gate("stock", "There is stock to sell.", Outcome.HOLD, _check)
