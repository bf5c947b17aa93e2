"""Units or exchange rates slip: rival prices in cents, purchase costs in yuan taken for dollars."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pricing.rules.museum.exhibit import FAR, Exhibit, ask, led_astray, offer, seen
from pricing.rules.museum.ground import OWN_SELLER, PRICE, STRUCTURE, listing, price_of
from pricing.rules.syntax import RuleSet
from pricing.structure import Cost

_YUAN = Decimal("7.2")


def _judge(rule_set: RuleSet) -> str | None:
    own = offer(OWN_SELLER, str(PRICE), is_featured=True)
    honest = listing(rivals=seen([own]))
    for price in ("2849", "0.28"):
        spoilt = listing(rivals=seen([own, offer("A3RIVAL", price), offer("A4RIVAL", price)]))
        failure = led_astray(rule_set, honest, spoilt)
        if failure:
            return f"rivals at {price}: {failure}"
    for factor in (_YUAN, 1 / _YUAN):
        costs = tuple(Cost(cost.name, cost.amount * factor) for cost in STRUCTURE.costs)
        slipped = listing(structure=replace(STRUCTURE, costs=costs), rivals=seen([own]))
        price_then = price_of(ask(rule_set, slipped), slipped)
        if abs(price_then - PRICE) > PRICE * FAR:
            return f"costs times {factor:.2f}: it moves {PRICE} to {price_then} in one step"
    return None


EXHIBIT = Exhibit(
    key="unit_slip",
    title="Cents read as dollars, yuan as dollars: prices a hundred times off",
    source="Price-error delistings in Japan (story-is-king.com 6614); unit and rate slips",
    judge=_judge,
)
