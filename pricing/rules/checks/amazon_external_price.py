"""Amazon: a price above the competitive price elsewhere loses the featured offer."""

from __future__ import annotations

from pricing.rules.checks.given import Given
from pricing.types import PriceCheck


def check(given: Given) -> PriceCheck | None:
    """Say that the offer will not be featured while it is dearer than the same product elsewhere."""
    external = given.claim.external_price
    if not given.is_amazon or external is None or given.paid <= external:
        return None
    return PriceCheck(
        code="amazon_external_price",
        blocks=False,
        text="The price is above the competitive external price; the offer is not eligible to be featured.",
        reference="Amazon Pricing Health: Competitive External Price",
        values={"paid": str(given.paid), "external": str(external)},
    )
