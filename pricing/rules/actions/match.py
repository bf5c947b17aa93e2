"""Follow a rival: be as cheap landed as the lowest or the featured offer, or a little off it."""

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
    money,
    number,
    to_tick,
)
from pricing.rules.intervals import INFINITE, POSITIVE, Interval, point
from pricing.types import PricingContext, Reason

_GAPS = {"lowest": "competitor_gap", "featured": "featured_gap"}


def _propose(context: PricingContext, values: Values) -> Move:
    against = str(values["against"])
    rivals = context.rivals
    if against == "featured" and rivals.is_own_featured:
        return Move(None, Reason("own_featured", "our offer is the featured one"))
    rival = rivals.lowest if against == "lowest" else rivals.featured
    if rival is None or context.price is None:
        return Move(None, Reason("no_rival", f"no {against} offer of another seller is known"))
    # What buyers of ours pay beside the price (shipping less points) has to be won back in the price.
    beside = rivals.own_landed - context.price if rivals.own_landed is not None else Decimal(0)
    matched = (rival - beside) * (1 + number(values, "offset_share")) + number(values, "offset_amount")
    values_told = {"against": against, "rival_landed": money(rival), "beside_price": money(beside)}
    if matched <= 0:
        return Move(
            None, Reason("rival_out_of_reach", "the rival's landed price leaves no price", values_told)
        )
    return Move(
        to_tick(matched, context.structure.tick),
        Reason("match", f"follow the {against} offer at {money(rival)} landed", values_told),
    )


def _interval(price: Interval, values: Values, ranges: Ranges) -> Interval:
    """By the definition of the gap, what is matched is price × (1 − gap); without a range it is any price."""
    gap = ranges.get(_GAPS[str(values["against"])])
    if gap is None:
        return POSITIVE
    rest = Interval(1 - gap[1], 1 - gap[0])
    offset = point(number(values, "offset_amount"))
    matched = price * rest * point(1 + number(values, "offset_share")) + offset
    return matched.clamp(POSITIVE) or Interval(Decimal(0), INFINITE)


def _fault(values: Values) -> tuple[str, str] | None:
    if "offset_share" in values and "offset_amount" in values:
        return "offset_share", "Give an offset as an amount or as a share, not both."
    return None


ACTION = Action(
    key="match",
    meaning="Match the landed price of the lowest or the featured offer of another seller, plus an offset.",
    parameters=(
        Parameter(
            "against", "The offer that is followed", ParameterType.CHOICE, choices=("lowest", "featured")
        ),
        Parameter(
            "offset_amount",
            "Added to the matched price, in the store's currency; negative: below the rival",
            ParameterType.MONEY,
            is_required=False,
            low=Decimal(-10_000),
            high=Decimal(10_000),
        ),
        Parameter(
            "offset_share",
            "Share of the matched price that is added; negative: below the rival",
            ParameterType.FRACTION,
            is_required=False,
            low=Decimal("-0.5"),
            high=Decimal("0.5"),
        ),
    ),
    propose=_propose,
    interval=_interval,
    direction=lambda values: Direction.EITHER,
    follows=lambda values: Follows.RIVALS,
    fault=_fault,
)
