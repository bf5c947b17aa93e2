"""Limit: the largest move of one change."""

from __future__ import annotations

from pricing.rules.limits.base import Draft, Limit, Verdict, clamp


def _apply(draft: Draft) -> Verdict:
    step = draft.rule_set.limits.max_step
    near = draft.narrowed(draft.current * (1 - step), draft.current * (1 + step))
    text = f"at most {step:%} of the price per change"
    return clamp(near, "max_step", text, {"max_step": str(step), "asked": f"{draft.price:f}"})


LIMIT = Limit("max_step", "limit", "One change moves the price by no more than a share of it.", _apply)
