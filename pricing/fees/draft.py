"""A quote while it is being made."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from pricing.fees.parameters import PARAMETERS
from pricing.fees.query import FeeLine, FeeQuery, ReturnTerms
from pricing.fees.reader import Reader
from pricing.structure import Cost, Fee


@dataclass(slots=True)
class Draft:
    """What a platform's schedule fills: the parameters to read from, and the parts of the quote."""

    reader: Reader
    fee_tax: Decimal
    size_tier: str = ""
    fees: list[Fee] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    returns: ReturnTerms = field(default_factory=ReturnTerms)
    monthly: list[tuple[str, Decimal]] = field(default_factory=list)

    @property
    def query(self) -> FeeQuery:
        """What is asked."""
        return self.reader.query

    def add_referral(self, prefix: str, name: str = "referral", fallback: str = "") -> None:
        """Add the referral fee of the query's category, `fallback`'s where it has none of its own."""
        reader = self.reader
        if not reader.wants(FeeLine.REFERRAL):
            return
        key = category_key(prefix, self.query.category, fallback)
        if key is None:
            asked = self.query.category or "none"
            reader.ask(FeeLine.REFERRAL, f"{prefix}.category", f"state the fee category (given: {asked})")
            return
        tiers = reader.tiers(FeeLine.REFERRAL, key)
        if tiers is not None:
            self.fees.append(reader.rate_fee(name, tiers))

    def add_cost(self, name: str, amount: Decimal) -> None:
        """Add a cost per unit that no price changes, in the platform's tax basis."""
        self.costs.append(Cost(name, self.reader.cost_of(amount, self.fee_tax)))

    def add_plan(self, prefix: str, plan: str) -> None:
        """Add the monthly fee of the store's plan."""
        if plan and self.reader.wants(FeeLine.PLAN):
            amount = self.reader.number(FeeLine.PLAN, f"{prefix}.{plan}")
            if amount is not None:
                self.monthly.append(("plan", amount))


def category_key(prefix: str, category: str, fallback: str = "") -> str | None:
    """Return the key of a category's parameter, of `fallback`'s if it has none, else None."""
    for name in (category, fallback):
        if name and f"{prefix}.{name}" in PARAMETERS:
            return f"{prefix}.{name}"
    return None
