"""Japan: the price that is shown is the whole price, tax included (総額表示)."""

from __future__ import annotations

from pricing.rules.checks.given import Given
from pricing.types import PriceCheck


def check(given: Given) -> PriceCheck | None:
    """Block a price that would be shown without the consumption tax in it, or with an extra charge beside."""
    if given.context.market != "JP" or (given.claim.is_tax_included and not given.claim.surcharges):
        return None
    return PriceCheck(
        code="jp_total_display",
        blocks=True,
        text="The price shown to consumers must be the total with consumption tax and every charge.",
        reference="消費税法 art. 63 (総額表示義務, since 2021-04-01)",
        values={
            "price": str(given.price),
            "surcharges": ", ".join(name for name, _ in given.claim.surcharges),
        },
    )
