"""Limit: variations of a family keep their order; the large pack does not become cheaper than the small."""

from __future__ import annotations

from decimal import Decimal

from pricing.rules.limits.base import Draft, Limit, Verdict, clamp, passed


def _apply(draft: Draft) -> Verdict:
    below, above = draft.context.family_below, draft.context.family_above
    if below is None and above is None:
        return passed(draft, "no neighbour in a family")
    low = Decimal(0) if below is None else below
    near = draft.narrowed(low, draft.high if above is None else above)
    values = {"below": "" if below is None else f"{below:f}", "above": "" if above is None else f"{above:f}"}
    return clamp(near, "family_order", f"variations of the family {draft.context.family} keep order", values)


LIMIT = Limit("family_order", "limit", "Variations of a family keep the order of their prices.", _apply)
