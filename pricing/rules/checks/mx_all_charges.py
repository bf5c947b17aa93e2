"""Mexico: the price that is shown holds every charge; nothing is added for a way of paying."""

from __future__ import annotations

from pricing.rules.checks.given import Given
from pricing.types import PriceCheck


def check(given: Given) -> PriceCheck | None:
    """Block a price without IVA in it, and any surcharge beside it (OXXO, instalments): blend it in."""
    if given.context.market != "MX" or (given.claim.is_tax_included and not given.claim.surcharges):
        return None
    return PriceCheck(
        code="mx_all_charges",
        blocks=True,
        text="The shown price must hold taxes, commissions and every other charge; no surcharge may follow.",
        reference="LFPC art. 7 Bis",
        values={
            "price": str(given.price),
            "surcharges": ", ".join(f"{name} {amount}" for name, amount in given.claim.surcharges),
        },
    )
