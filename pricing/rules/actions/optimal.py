"""Price for profit: the best price under a constant elasticity, a bounded step at a time."""

from __future__ import annotations

from decimal import Decimal

from pricing.engine.optimum import best_price
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
from pricing.rules.intervals import Interval
from pricing.types import PricingContext, Reason

_CAP = Decimal("0.10")


def _propose(context: PricingContext, values: Values) -> Move:
    elasticity = context.elasticity
    if elasticity is None or context.price is None:
        return Move(None, Reason("elasticity_unknown", "how demand answers to the price is not known"))
    told = {"elasticity": str(elasticity)}
    if elasticity >= -1:
        text = "demand answers too little to the price for a best price to exist"
        return Move(None, Reason("inelastic", text, told))
    cap = number(values, "cap", _CAP)
    price = best_price(
        context.structure, elasticity, low=context.price * (1 - cap), high=context.price * (1 + cap)
    )
    if price is None:
        return Move(None, Reason("no_profit_within_cap", "no price within the cap earns anything", told))
    text = f"the most profitable price within {cap:%} at an elasticity of {elasticity}"
    return Move(price, Reason("optimal", text, told))


def _interval(price: Interval, values: Values, ranges: Ranges) -> Interval:
    cap = number(values, "cap", _CAP)
    return Interval(price.low * (1 - cap), price.high * (1 + cap))


ACTION = Action(
    key="optimal",
    meaning="Go to the most profitable price under the elasticity of demand, within a share of today.s.",
    parameters=(
        Parameter(
            "cap",
            "The largest move, as a share of the price; left out: 0.10",
            ParameterType.FRACTION,
            is_required=False,
            low=Decimal("0.01"),
            high=Decimal("0.5"),
        ),
    ),
    propose=_propose,
    interval=_interval,
    direction=lambda values: Direction.EITHER,
    follows=lambda values: Follows.NONE,
)
