"""Japan: Amazon stops a listing whose price looks like a mistake (価格が誤っている可能性)."""

from __future__ import annotations

from decimal import Decimal

from pricing.rules.checks.given import Given
from pricing.types import PriceCheck

DAYS = 56
LOW, HIGH = Decimal("0.50"), Decimal("1.50")
"""Amazon publishes no number; half and one and a half of the usual price are ours."""

_REFERENCE = "Amazon.co.jp セラーセントラル: 価格設定エラー (価格が誤っている可能性)"


def check(given: Given) -> PriceCheck | None:
    """Block a price far off the usual one; remind of a highest price where none is set."""
    if given.context.market != "JP" or not given.is_amazon:
        return None
    usual = given.usual(DAYS) or given.context.price
    if usual is not None and not LOW * usual <= given.price <= HIGH * usual:
        return PriceCheck(
            code="jp_price_error",
            blocks=True,
            text="The price is so far off the usual one that Amazon may stop the listing as an error.",
            reference=_REFERENCE,
            values={"price": str(given.price), "usual": str(usual)},
        )
    if given.context.bounds.highest is None and usual is not None and given.price > usual:
        return PriceCheck(
            code="jp_no_highest_price",
            blocks=False,
            text="The listing has no highest price; without one Amazon may stop it when a price goes up.",
            reference=_REFERENCE,
            values={"price": str(given.price)},
        )
    return None
