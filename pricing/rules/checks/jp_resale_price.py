"""Japan: a minimum resale price is not enforced."""

from __future__ import annotations

from pricing.rules.checks.given import Given
from pricing.types import PriceCheck


def check(given: Given) -> PriceCheck | None:
    """Say that a minimum advertised price which is kept for a listing does not bind there.

    Holding a reseller to a price is as a rule an unfair trade practice; the minimum is shown and not applied.
    """
    advertised = given.context.bounds.advertised
    if given.context.market != "JP" or advertised is None:
        return None
    return PriceCheck(
        code="jp_resale_price",
        blocks=False,
        text="A minimum advertised price is not enforced in Japan; resellers set their prices themselves.",
        reference="独占禁止法 (Antimonopoly Act) art. 2(9)(iv); art. 19",
        values={"price": str(given.price), "advertised": str(advertised)},
    )
