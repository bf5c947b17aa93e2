"""Gate: promotions, tests, pilots and people keep rules away from a price."""

from __future__ import annotations

from pricing.rules.limits.base import Gate
from pricing.rules.syntax import RuleSet
from pricing.types import Lock, Outcome, PricingContext, Reason


def _check(context: PricingContext, rule_set: RuleSet) -> tuple[Reason, ...]:
    return tuple(_reason(lock) for lock in context.locks if lock.until is None or lock.until > context.at)


def _reason(lock: Lock) -> Reason:
    values = {"lock": lock.kind.value, "source_id": str(lock.source_id)}
    until = ""
    if lock.until is not None:
        values["until"] = lock.until.isoformat()
        until = f" until {lock.until:%Y-%m-%d %H:%M} UTC"
    return Reason(f"locked_{lock.kind.value}", f"locked{until}: {lock.reason or lock.kind.value}", values)


GATE = Gate("locks", "No promotion, test, pilot or person locks the price.", Outcome.HOLD, _check)
