"""Move the price by a share of itself."""

from __future__ import annotations

from decimal import Decimal

from pricing.rules.actions.base import (
    Action,
    Direction,
    Follows,
    Move,
    Parameter,
    ParameterType,
    Ranges,
    Values,
    number,
    share,
    to_tick,
)
from pricing.rules.intervals import Interval, point
from pricing.types import PricingContext, Reason


def _propose(context: PricingContext, values: Values) -> Move:
    price = context.price or Decimal(0)
    by = number(values, "by")
    moved = to_tick(price * (1 + by), context.structure.tick)
    return Move(moved, Reason("percent", share(by), {"by": str(by)}))


def _interval(price: Interval, values: Values, ranges: Ranges) -> Interval:
    return price * point(1 + number(values, "by"))


def _fault(values: Values) -> tuple[str, str] | None:
    return ("by", "A move of nothing is the action hold.") if number(values, "by") == 0 else None


ACTION = Action(
    key="percent",
    meaning="Move the price by a share of itself: -0.03 lowers it by 3 %.",
    parameters=(
        Parameter(
            "by",
            "Share of the price, negative: downwards",
            ParameterType.FRACTION,
            low=Decimal("-0.5"),
            high=Decimal("0.5"),
        ),
    ),
    propose=_propose,
    interval=_interval,
    direction=lambda values: Direction.DOWN if number(values, "by") < 0 else Direction.UP,
    follows=lambda values: Follows.NONE,
    fault=_fault,
)
