"""Limit: a move too small to be worth a change is not suggested."""

from __future__ import annotations

from decimal import Decimal

from pricing.rules.limits.base import Draft, Limit, Verdict, held, passed
from pricing.types import Reason


def is_worth(draft: Draft, price: Decimal) -> bool:
    """Is a price far enough from the present one?"""
    distance = abs(price - draft.current)
    return distance > 0 and distance >= draft.rule_set.limits.least_move * draft.current


def _apply(draft: Draft) -> Verdict:
    if is_worth(draft, draft.price):
        return passed(draft)
    if draft.price == draft.current:
        return held(draft, Reason("unchanged", "the price stays what it is"))
    if not draft.floor.keeps(draft.current):
        return passed(draft, "however small, it ends a price below the floor")
    share = draft.rule_set.limits.least_move
    return held(draft, Reason("too_small", f"a move of less than {share:%} is not worth a change"))


LIMIT = Limit("least_move", "limit", "Moves that are not worth a change are left out.", _apply)
