"""The feed stands still for three days; what it says is followed as if it were now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pricing.rules.museum.exhibit import Exhibit, ask, offer, seen
from pricing.rules.museum.ground import AT, OWN_SELLER, PRICE, listing
from pricing.rules.syntax import RuleSet
from pricing.types import Outcome

_AGE = timedelta(hours=72)


def _judge(rule_set: RuleSet) -> str | None:
    then = AT - _AGE
    page = [
        offer(OWN_SELLER, str(PRICE), observed_at=then),
        offer("A3RIVAL", "24.90", observed_at=then, is_featured=True),
    ]
    ages = tuple(
        replace(age, as_of=then, is_fresh=False) if age.name == "competitor" else age
        for age in listing().ages
    )
    proposal = ask(rule_set, listing(rivals=seen(page), ages=ages))
    if proposal.outcome is Outcome.SUGGEST:
        return f"it suggests {proposal.price} on offers that are three days old"
    return None


EXHIBIT = Exhibit(
    key="stale_feed",
    title="A feed that stood still, followed for days",
    source="FEATURES complaints 15 and 22: prices on data nobody refreshed",
    judge=_judge,
)
