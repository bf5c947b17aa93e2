"""Limit: how far down a rule may go: to the lowest price that leaves its margin.

It stops moves downwards. A move upwards towards the margin is not held back because it does not get there.
"""

from __future__ import annotations

from decimal import Decimal

from pricing.engine.contribution import keeps
from pricing.engine.solve import next_keeping
from pricing.rules.limits.base import Draft, Limit, Verdict, held, moved, passed
from pricing.rules.limits.bounds import bounds_of
from pricing.rules.wording import percent
from pricing.types import Reason


def keeps_until(draft: Draft, price: Decimal) -> bool:
    """Does a price leave the margin at which the rule stops?"""
    margin = draft.rule.until_margin
    return margin is None or not draft.is_down or keeps(draft.context.structure, price, margin)


def _apply(draft: Draft) -> Verdict:
    margin = draft.rule.until_margin
    if margin is None or keeps_until(draft, draft.price):
        return passed(draft)
    stop = next_keeping(draft.context.structure, draft.price, margin)
    values = {"until_margin": str(margin), "stop": "" if stop is None else f"{stop:f}"}
    if stop is None or stop >= draft.current:
        text = f"the price that leaves {percent(margin)} is not below the present one"
        return held(draft, Reason("until_margin_reached", text, values))
    highest = bounds_of(draft)[1]
    if highest is not None and stop > highest:
        text = f"{stop:f}, the lowest that leaves {percent(margin)}, is above the highest price allowed"
        return held(draft, Reason("until_margin_out_of_reach", text, values))
    return moved(
        draft, stop, Reason("until_margin", f"{stop:f} is the lowest that leaves {percent(margin)}", values)
    )


LIMIT = Limit("until_margin", "limit", "A rule goes down only to the margin it names.", _apply)
