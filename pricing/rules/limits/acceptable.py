"""Whether a price would pass every limit still to come: asked before a price is chosen among several."""

from __future__ import annotations

from decimal import Decimal

from pricing.rules.limits.advertised_price import map_of
from pricing.rules.limits.base import Draft
from pricing.rules.limits.bounds import bounds_of
from pricing.rules.limits.least_move import is_worth
from pricing.rules.limits.until_margin import keeps_until


def is_acceptable(draft: Draft, price: Decimal) -> bool:
    """Is a price as good as the proposed one: in its direction, worth a change, and within every limit?"""
    lowest, highest = bounds_of(draft)
    advertised = map_of(draft)
    return (
        draft.price != draft.current
        and draft.low <= price <= draft.high
        and (price < draft.current) == draft.is_down
        and is_worth(draft, price)
        and (lowest is None or price >= lowest)
        and (highest is None or price <= highest)
        and (advertised is None or price >= advertised)
        and keeps_until(draft, price)
        and draft.floor.keeps(price)
    )
