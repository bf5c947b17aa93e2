"""The duty is missing from the cost sheet, and the floor sinks without anybody noticing."""

from __future__ import annotations

from dataclasses import replace

from pricing.rules.museum.exhibit import Exhibit, ask, offer, seen
from pricing.rules.museum.ground import OWN_SELLER, PRICE, STRUCTURE, listing
from pricing.rules.syntax import RuleSet
from pricing.types import Outcome


def _judge(rule_set: RuleSet) -> str | None:
    without = tuple(cost for cost in STRUCTURE.costs if cost.name != "duty")
    page = [offer(OWN_SELLER, str(PRICE)), offer("A3RIVAL", "24.90", is_featured=True)]
    spoilt = listing(
        structure=replace(STRUCTURE, costs=without), missing=("duty",), rivals=seen(page), fx_move=None
    )
    proposal = ask(rule_set, spoilt)
    if proposal.outcome is Outcome.SUGGEST:
        return f"it suggests {proposal.price} although nobody knows the duty"
    return None


EXHIBIT = Exhibit(
    key="duty_lost",
    title="A cost line lost, the floor too low by what was missing",
    source="Peers compute no duty, JCT or IVA (FEATURES, complaints 1-7)",
    judge=_judge,
)
