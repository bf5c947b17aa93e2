"""Japan: points are at most half of the price."""

from __future__ import annotations

from decimal import Decimal

from pricing.rules.checks.given import Given, percent
from pricing.types import PriceCheck

MOST = Decimal("0.50")


def check(given: Given) -> PriceCheck | None:
    """Block points beyond 50 % of the price, which breach the platform's policy."""
    points = given.claim.points
    if given.context.market != "JP" or given.price <= 0 or points <= MOST * given.price:
        return None
    return PriceCheck(
        code="jp_points",
        blocks=True,
        text="Points are more than 50 % of the price.",
        reference="Amazon.co.jp セラーセントラル: Amazonポイント (1 % to 50 %)",
        values={
            "price": str(given.price),
            "points": str(points),
            "share_percent": percent(points / given.price),
        },
    )
