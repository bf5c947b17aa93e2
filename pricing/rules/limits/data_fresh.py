"""Gate: stale inputs block; old numbers do not become a price."""

from __future__ import annotations

from datetime import timedelta

from pricing.rules.limits.base import Gate
from pricing.rules.syntax import RuleSet
from pricing.types import InputAge, Outcome, PricingContext, Reason


def _check(context: PricingContext, rule_set: RuleSet) -> tuple[Reason, ...]:
    return tuple(_reason(context, age) for age in context.ages if not age.is_fresh)


def _reason(context: PricingContext, age: InputAge) -> Reason:
    values = {"input": age.name, "limit_hours": str(age.limit_hours)}
    if age.as_of is None:
        return Reason("stale_data", f"{age.name} has never been read", values)
    hours = (context.at - age.as_of) // timedelta(hours=1)
    text = f"{age.name} is {hours} h old, {age.limit_hours} h are allowed"
    return Reason("stale_data", text, {**values, "as_of": age.as_of.isoformat(), "age_hours": str(hours)})


GATE = Gate("data_fresh", "Every input is young enough.", Outcome.BLOCKED, _check)
