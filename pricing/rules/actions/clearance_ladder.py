"""Clear old stock: the older it is, the further below the regular price."""

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
    money,
    share,
    to_tick,
)
from pricing.rules.intervals import Interval
from pricing.types import PricingContext, Reason


def _steps(values: Values) -> tuple[tuple[Decimal, Decimal], ...]:
    steps = values["steps"]
    if not isinstance(steps, tuple):
        raise TypeError("steps are no steps")
    return steps


def _propose(context: PricingContext, values: Values) -> Move:
    if context.stock_age_days is None or context.price is None:
        return Move(None, Reason("stock_age_unknown", "the age of the stock is not known"))
    cut = max((cut for age, cut in _steps(values) if context.stock_age_days >= age), default=None)
    if cut is None:
        text = f"the stock is {context.stock_age_days} days old, younger than the first step"
        return Move(None, Reason("stock_young", text, {"age_days": str(context.stock_age_days)}))
    # Cuts are counted from the regular price: counted from the present one they would add up run after run.
    regular = context.regular_price
    if regular is None:
        regular = lowest_price(context.structure, context.target_margin)
    if regular is None:
        return Move(None, Reason("no_regular_price", "there is no regular price to count the step from"))
    told = {"age_days": str(context.stock_age_days), "cut": str(cut), "regular_price": money(regular)}
    price = to_tick(regular * (1 - cut), context.structure.tick)
    if price >= context.price:
        return Move(None, Reason("on_step", "the price is on the step of the stock's age or below it", told))
    text = f"stock {context.stock_age_days} days old: {share(-cut)} of the regular {money(regular)}"
    return Move(price, Reason("clearance_ladder", text, told))


def _interval(price: Interval, values: Values, ranges: Ranges) -> Interval:
    """Never above the present price; how far below depends on the regular price, which no range declares."""
    return Interval(Decimal(0), price.high)


ACTION = Action(
    key="clearance_ladder",
    meaning="Lower the price by the step of the stock's age, counted from the regular price.",
    parameters=(
        Parameter(
            "steps",
            "Pairs of an age in days and the share taken off from that age on; both rise",
            ParameterType.STEPS,
            low=Decimal(0),
            high=Decimal("0.95"),
        ),
    ),
    propose=_propose,
    interval=_interval,
    direction=lambda values: Direction.DOWN,
    follows=lambda values: Follows.NONE,
)
