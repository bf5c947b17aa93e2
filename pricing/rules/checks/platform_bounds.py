"""The lowest and highest price that were set for the listing, on the platform or here."""

from __future__ import annotations

from pricing.rules.checks.given import Given
from pricing.types import PriceCheck


def check(given: Given) -> PriceCheck | None:
    """Block a price outside the listing's bounds: a platform takes such a listing down."""
    bounds = given.context.bounds
    is_below = bounds.lowest is not None and given.price < bounds.lowest
    is_above = bounds.highest is not None and given.price > bounds.highest
    if not is_below and not is_above:
        return None
    return PriceCheck(
        code="platform_bounds",
        blocks=True,
        text="The price lies outside the lowest and highest price of the listing.",
        reference="Amazon Seller Central, Pricing errors: minimum and maximum price",
        values={
            "price": str(given.price),
            "lowest": "" if bounds.lowest is None else str(bounds.lowest),
            "highest": "" if bounds.highest is None else str(bounds.highest),
        },
    )
