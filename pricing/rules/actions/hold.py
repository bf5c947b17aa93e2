"""Leave the price as it is, so that no later rule acts."""

from __future__ import annotations

from pricing.rules.actions.base import Action, Direction, Follows, Move, Ranges, Values
from pricing.rules.intervals import Interval
from pricing.types import PricingContext, Reason


def _propose(context: PricingContext, values: Values) -> Move:
    return Move(None, Reason("rule_holds", "the rule keeps the price"))


def _interval(price: Interval, values: Values, ranges: Ranges) -> Interval:
    return price


ACTION = Action(
    key="hold",
    meaning="Keep the price; later rules are not asked.",
    parameters=(),
    propose=_propose,
    interval=_interval,
    direction=lambda values: Direction.NONE,
    follows=lambda values: Follows.NONE,
)
