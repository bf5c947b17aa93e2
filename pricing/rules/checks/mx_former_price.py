"""Mexico: a discount is one from a price that was really asked (PROFECO, Buen Fin)."""

from __future__ import annotations

from datetime import timedelta

from pricing.rules.checks.given import Given
from pricing.types import PriceCheck

WINDOW_DAYS = 60
LEAST_DAYS = 15
RAISED_DAYS = 30
"""A price that nobody saw more than this many days ago was raised for the discount; the limits are ours."""


def check(given: Given) -> PriceCheck | None:
    """Block a "before" price that was not asked for long enough, or only since shortly before the sale."""
    reference = given.claim.reference_price
    if given.context.market != "MX" or reference is None:
        return None
    history, last = given.history, given.on - timedelta(days=1)
    first = given.on - timedelta(days=WINDOW_DAYS)
    days = history.days_at(reference, first, last) if history is not None else 0
    early = (
        history.days_at(reference, first, given.on - timedelta(days=RAISED_DAYS + 1))
        if history is not None
        else 0
    )
    if days >= LEAST_DAYS and early and reference > given.price:
        return None
    return PriceCheck(
        code="mx_former_price",
        blocks=True,
        text="The price history does not prove the discount that would be shown.",
        reference="LFPC art. 7, 32 and 46-48 (PROFECO)",
        values={"reference": str(reference), "days": str(days), "least_days": str(LEAST_DAYS)},
    )
