"""Amazon's fair pricing policy: not significantly above what buyers paid of late."""

from __future__ import annotations

from decimal import Decimal

from pricing.rules.checks.given import Given, percent
from pricing.types import PriceCheck

DAYS = 90
NOTE_FROM, BLOCK_FROM = Decimal("1.20"), Decimal("1.50")
"""Amazon publishes no number; from +20 % we say so, from +50 % we do not suggest."""


def check(given: Given) -> PriceCheck | None:
    """Hold what buyers would pay (after coupon and points) against the median of the 90 days before."""
    usual = given.usual(DAYS) if given.is_amazon else None
    if usual is None or usual <= 0 or given.paid <= NOTE_FROM * usual:
        return None
    return PriceCheck(
        code="amazon_fair_price",
        blocks=given.paid > BLOCK_FROM * usual,
        text="What a buyer would pay is significantly above what buyers paid in the last 90 days.",
        reference="Amazon Marketplace Fair Pricing Policy (G5TUVJKZHUVMN77V)",
        values={
            "paid": str(given.paid),
            "usual": str(usual),
            "above_percent": percent(given.paid / usual - 1),
        },
    )
