"""Limit: the brand's minimum advertised price, in the US only.

Binding resale prices are unlawful in Japan and doubtful elsewhere, so outside the US it is never enforced.
"""

from __future__ import annotations

from decimal import Decimal

from pricing.rules.limits.base import Draft, Limit, Verdict, held, moved, passed, up_to_tick
from pricing.rules.limits.bounds import bounds_of
from pricing.types import Reason

_MARKET = "US"


def map_of(draft: Draft) -> Decimal | None:
    """Return the minimum advertised price where it is kept, drawn in to a tick."""
    advertised = draft.context.bounds.advertised
    if advertised is None or not draft.rule_set.limits.keeps_map or draft.context.market != _MARKET:
        return None
    return up_to_tick(advertised, draft.context.structure.tick)


def _apply(draft: Draft) -> Verdict:
    advertised = map_of(draft)
    if advertised is None:
        is_ignored = draft.context.bounds.advertised is not None
        return passed(draft, "a minimum advertised price is not enforced here" if is_ignored else "none")
    if draft.price >= advertised:
        return passed(draft)
    values = {"advertised": f"{advertised:f}"}
    highest = bounds_of(draft)[1]
    if advertised > draft.high or (highest is not None and advertised > highest):
        text = f"the minimum advertised price {advertised:f} is further away than the limits let one move go"
        return held(draft, Reason("advertised_out_of_reach", text, values))
    text = f"the minimum advertised price is {advertised:f}"
    return moved(draft, advertised, Reason("advertised_price", text, values))


LIMIT = Limit("advertised_price", "bounds", "The brand's minimum advertised price is kept (US).", _apply)
