"""Limit: the lowest and highest price of the listing and of the rule set."""

from __future__ import annotations

from decimal import Decimal

from pricing.rules.limits.base import Draft, Limit, Verdict, down_to_tick, held, moved, passed, up_to_tick
from pricing.types import Reason


def bounds_of(draft: Draft) -> tuple[Decimal | None, Decimal | None]:
    """Return the stricter of the listing's and the rule set's bounds, drawn in to ticks."""
    tick, limits, own = draft.context.structure.tick, draft.rule_set.limits, draft.context.bounds
    lows = [each for each in (limits.lowest, own.lowest) if each is not None]
    highs = [each for each in (limits.highest, own.highest) if each is not None]
    return (
        up_to_tick(max(lows), tick) if lows else None,
        down_to_tick(min(highs), tick) if highs else None,
    )


def _apply(draft: Draft) -> Verdict:
    lowest, highest = bounds_of(draft)
    values = {"lowest": _text(lowest), "highest": _text(highest)}
    if lowest is not None and highest is not None and lowest > highest:
        return held(draft, Reason("bounds_contradict", "the lowest price is above the highest", values))
    price = draft.price if lowest is None else max(draft.price, lowest)
    price = price if highest is None else min(price, highest)
    if price == draft.price:
        return passed(draft)
    if not draft.low <= price <= draft.high:
        text = f"the bound {price:f} is further away than one move may go"
        return held(draft, Reason("bounds_out_of_reach", text, values))
    return moved(draft, price, Reason("bounds", f"the bound {price:f} ends the move", values))


def _text(price: Decimal | None) -> str:
    return "" if price is None else f"{price:f}"


LIMIT = Limit("bounds", "bounds", "The price stays within the bounds of listing and rule set.", _apply)
