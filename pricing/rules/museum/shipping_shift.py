"""Shipping prices come in the wrong unit: landed prices jump, and a repricer makes up for it."""

from __future__ import annotations

from decimal import Decimal

from pricing.rules.museum.exhibit import Exhibit, led_astray, offer, seen
from pricing.rules.museum.ground import OWN_SELLER, PRICE, listing
from pricing.rules.syntax import RuleSet


def _judge(rule_set: RuleSet) -> str | None:
    own = offer(OWN_SELLER, str(PRICE), is_featured=True)
    odd = [offer(seller, "29.49", shipping=Decimal(499)) for seller in ("A3RIVAL", "A4RIVAL", "A5RIVAL")]
    return led_astray(rule_set, listing(rivals=seen([own])), listing(rivals=seen([own, *odd])))


EXHIBIT = Exhibit(
    key="shipping_shift",
    title="Odd shipping prices from the interface, over-compensated until it was shut down by hand",
    source="Informed, September 2017 (status page)",
    judge=_judge,
)
