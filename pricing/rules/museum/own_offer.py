"""A repricer takes its own offer, or a sister store's, for the cheapest rival and undercuts it hourly."""

from __future__ import annotations

from decimal import Decimal

from pricing.rules.museum.exhibit import Exhibit, ask, offer, seen
from pricing.rules.museum.ground import OWN_SELLER, PRICE, SISTER_SELLER, listing, price_of
from pricing.rules.syntax import RuleSet

_HOURS = 24


def _judge(rule_set: RuleSet) -> str | None:
    honest = price_of(ask(rule_set, listing()), listing())
    price = PRICE
    for _ in range(_HOURS):
        ours = [offer(OWN_SELLER, str(price)), offer(SISTER_SELLER, str(price - Decimal("0.01")))]
        alone = listing(price=price, day_start_price=price, rivals=seen(ours))
        price = price_of(ask(rule_set, alone), alone)
        if price < min(PRICE, honest):
            return f"alone on its page it goes from {PRICE} to {price}"
    return None


EXHIBIT = Exhibit(
    key="own_offer",
    title="The own offer counted as the lowest competitor, 0.01 less every hour",
    source="magento/magento2#32776",
    judge=_judge,
)
