"""Price for a margin: the lowest price that keeps it."""

from __future__ import annotations

from decimal import Decimal

from pricing.engine.solve import lowest_price
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
)
from pricing.rules.intervals import POSITIVE, Interval
from pricing.rules.wording import percent
from pricing.types import PricingContext, Reason


def _propose(context: PricingContext, values: Values) -> Move:
    margin = number(values, "margin", context.target_margin)
    told = {"margin": str(margin)}
    price = lowest_price(context.structure, margin)
    if price is None:
        return Move(None, Reason("margin_unreachable", f"no price keeps a margin of {percent(margin)}", told))
    return Move(
        price, Reason("target_margin", f"the lowest price that keeps a margin of {percent(margin)}", told)
    )


def _interval(price: Interval, values: Values, ranges: Ranges) -> Interval:
    """Any price: it depends on the costs alone, which no range declares."""
    return POSITIVE


ACTION = Action(
    key="target_margin",
    meaning="Go to the lowest price that keeps a margin of net revenue; without one, the product's target.",
    parameters=(
        Parameter(
            "margin",
            "Contribution as a share of net revenue; left out: the target of the product's tier",
            ParameterType.FRACTION,
            is_required=False,
            low=Decimal(0),
            high=Decimal("0.95"),
        ),
    ),
    propose=_propose,
    interval=_interval,
    direction=lambda values: Direction.EITHER,
    follows=lambda values: Follows.NONE,
)
