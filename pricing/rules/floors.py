"""The floor of a listing under a rule set: which prices keep it, and the nearest that does."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pricing.engine.clearance import Avoided, clearance_structure
from pricing.engine.contribution import keeps
from pricing.engine.solve import next_keeping
from pricing.rules.syntax import RuleSet
from pricing.structure import CostStructure
from pricing.types import PricingContext, Tier


@dataclass(frozen=True, slots=True)
class Floor:
    """A margin of net revenue that a cost structure must leave; tested at exact prices, never assumed to
    hold above a price that keeps it (fee tiers make it break again)."""

    structure: CostStructure
    margin: Decimal

    def keeps(self, price: Decimal) -> bool:
        """Does exactly this price leave the margin?"""
        return price > 0 and keeps(self.structure, price, self.margin)

    def lift(self, price: Decimal) -> Decimal | None:
        """Return the nearest tick at or above a price that leaves the margin; None if there is none."""
        return next_keeping(self.structure, price, self.margin)


def floor_of(context: PricingContext, rule_set: RuleSet) -> Floor:
    """Return the floor that holds for a listing: the stricter margin of its own and the rule set's.

    A product that is cleared (its tier says so, nothing else does) is measured by what a sale still causes:
    the money its stock cost is spent either way. What keeping the stock would cost is not known here and not
    taken off, so this floor is never below the true one.
    """
    margin = max(context.floor_margin, rule_set.limits.floor_margin)
    if context.tier is Tier.CLEARANCE:
        return Floor(clearance_structure(context.structure, Avoided()), margin)
    return Floor(context.structure, margin)
