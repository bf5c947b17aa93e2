"""Limit: the largest move of a shop day, counted from its first price."""

from __future__ import annotations

from pricing.rules.limits.base import Draft, Limit, Verdict, clamp


def _apply(draft: Draft) -> Verdict:
    share = draft.rule_set.limits.max_day_move
    start = draft.context.day_start_price
    start = draft.current if start is None else start
    near = draft.narrowed(start * (1 - share), start * (1 + share))
    text = f"at most {share:%} of the price at the start of the day"
    values = {"max_day_move": str(share), "day_start_price": f"{start:f}", "asked": f"{draft.price:f}"}
    return clamp(near, "max_day_move", text, values)


LIMIT = Limit("max_day_move", "limit", "A shop day moves the price by no more than a share of it.", _apply)
