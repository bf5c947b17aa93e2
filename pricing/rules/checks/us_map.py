"""Minimum advertised prices, which brands may set in the United States."""

from __future__ import annotations

from pricing.rules.checks.given import Given
from pricing.types import PriceCheck


def check(given: Given) -> PriceCheck | None:
    """Block a shown price below the brand's minimum advertised price."""
    advertised = given.context.bounds.advertised
    if given.context.market != "US" or advertised is None or given.price >= advertised:
        return None
    return PriceCheck(
        code="us_map",
        blocks=True,
        text="The price is below the brand's minimum advertised price.",
        reference="The brand's MAP policy; Leegin v. PSKS, 551 U.S. 877 (2007)",
        values={"price": str(given.price), "advertised": str(advertised)},
    )
