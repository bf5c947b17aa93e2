"""Limit: the price ending that buyers of the market know, chosen among prices that pass every later limit.

A price that will have to be lifted (to its margin, bound or floor) is lifted first, so that the ending is
found beside the price that will stand. An ending above the price may not earn less than the price itself: it
would have crossed into a dearer fee tier.
"""

from __future__ import annotations

from decimal import Decimal

from pricing.engine.contribution import left_and_base
from pricing.engine.solve import next_keeping
from pricing.rules.endings import charm
from pricing.rules.limits.acceptable import is_acceptable
from pricing.rules.limits.advertised_price import map_of
from pricing.rules.limits.base import Draft, Limit, Verdict, moved, passed
from pricing.rules.limits.bounds import bounds_of
from pricing.rules.limits.until_margin import keeps_until
from pricing.types import Reason


def _apply(draft: Draft) -> Verdict:
    if not draft.rule_set.uses_endings:
        return passed(draft, "the rule set uses no endings")
    target = _lifted(draft)
    if target is None:
        return passed(draft, "no price near would pass the limits")
    left = left_and_base(draft.context.structure, target)[0]

    def is_allowed(price: Decimal) -> bool:
        return (
            is_acceptable(draft, price)
            and not any(zone.holds(price) and not zone.holds(target) for zone in draft.zones)
            and (price <= target or left_and_base(draft.context.structure, price)[0] >= left)
        )

    # Where tiers make prices not worth asking is known of the costs themselves; no table is needed.
    price = charm(draft.context.market, target, is_allowed, platform=draft.context.platform, dead_zone=None)
    if price in (draft.price, target) or not is_allowed(price):
        return passed(draft, "no other ending is within the limits")
    values = {"before": f"{draft.price:f}", "market": draft.context.market}
    return moved(draft, price, Reason("ending", f"{price:f} is an ending of the market", values))


def _lifted(draft: Draft) -> Decimal | None:
    """Return the lowest price at or above the draft's that keeps bounds, margins and floor; None: none."""
    price: Decimal | None = max(draft.price, bounds_of(draft)[0] or draft.price, map_of(draft) or draft.price)
    if price is not None and not keeps_until(draft, price) and draft.rule.until_margin is not None:
        price = next_keeping(draft.context.structure, price, draft.rule.until_margin)
    return None if price is None else draft.floor.lift(price)


LIMIT = Limit("ending", "ending", "Prices end as buyers of the market know them.", _apply)
