"""What may not be proposed now, whatever changed: the reasons that hold a listing back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from pricing.engine.contribution import keeps
from pricing.rules.checks import check_price
from pricing.structure import CostStructure
from pricing.types import PricingContext

CADENCE = timedelta(hours=4)


def held_back(context: PricingContext, structure: CostStructure, price: Decimal) -> tuple[str, ...]:
    """Return why this price must not be proposed for a listing with these costs, as stable codes."""
    found = []
    if context.missing:
        found.append("costs_unknown")
    if any(not age.is_fresh for age in context.ages):
        found.append("stale_data")
    if context.locks:
        found.append("locked")
    if context.last_changed_at is not None and context.at - context.last_changed_at < CADENCE:
        found.append("cadence")
    if price == context.price:
        found.append("no_change")
    if not keeps(structure, price, context.floor_margin):
        found.append("below_floor")
    if any(check.blocks for check in check_price(context, price)):
        found.append("refused_by_check")
    return tuple(found)
