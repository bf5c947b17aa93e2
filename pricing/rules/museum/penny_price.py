"""A rival at one cent, and a rival at a hundred thousand: nobody follows either."""

from __future__ import annotations

from pricing.rules.museum.exhibit import Exhibit, led_astray, offer, seen
from pricing.rules.museum.ground import OWN_SELLER, PRICE, listing
from pricing.rules.syntax import RuleSet


def _judge(rule_set: RuleSet) -> str | None:
    own = offer(OWN_SELLER, str(PRICE), is_featured=True)
    honest = listing(rivals=seen([own]))
    for price in ("0.01", "100000"):
        spoilt = listing(rivals=seen([own, offer("A3GLITCH", price), offer("A4GLITCH", price)]))
        failure = led_astray(rule_set, honest, spoilt)
        if failure:
            return f"rivals at {price}: {failure}"
    return None


EXHIBIT = Exhibit(
    key="penny_price",
    title="Goods at one penny for an hour, in spite of minimum prices",
    source="RepricerExpress, 12 December 2014 (ecommercebytes, practicalecommerce)",
    judge=_judge,
)
