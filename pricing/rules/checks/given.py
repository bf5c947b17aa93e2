"""What a check is given: the listing, the price in question, its history and what is claimed beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from pricing.engine.price_history import PriceClaim, PriceHistory
from pricing.types import PriceCheck, PricingContext

_PERCENT = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Given:
    """A price to be checked. `history` None: nobody has told; an empty one: there is none."""

    context: PricingContext
    price: Decimal
    history: PriceHistory | None
    claim: PriceClaim

    @property
    def on(self) -> date:
        """The shop day of the question."""
        return self.context.on

    @property
    def is_amazon(self) -> bool:
        """Is it sold on Amazon?"""
        return self.context.platform.startswith("amazon")

    @property
    def paid(self) -> Decimal:
        """What a buyer would in truth pay: the price after coupon and points."""
        return self.claim.effective(self.price)

    def usual(self, days: int) -> Decimal | None:
        """The median of what buyers paid on the `days` days before, None where nobody knows."""
        return None if self.history is None else self.history.usual(self.on, days)


Check = Callable[[Given], PriceCheck | None]


def percent(share: Decimal) -> str:
    """A share as a percentage with one decimal: 0.1234 → "12.3"."""
    return str((share * 100).quantize(_PERCENT, ROUND_HALF_UP))
