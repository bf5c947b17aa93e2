"""What laws and platforms say to a price, asked before it is suggested and again before it is approved.

A new check is a file with a function `check` and a line in `CHECKS`; its reference says where the rule is
written.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pricing.engine.price_history import PriceClaim, PriceHistory
from pricing.rules.checks import (
    amazon_external_price,
    amazon_fair_price,
    amazon_pack_price,
    emergency_freeze,
    former_price,
    jp_points,
    jp_price_error,
    jp_resale_price,
    jp_total_display,
    mx_all_charges,
    platform_bounds,
    tier_dead_zone,
    us_map,
)
from pricing.rules.checks.given import Check, Given
from pricing.types import PriceCheck, PricingContext

CHECKS: Mapping[str, Check] = {
    "platform_bounds": platform_bounds.check,
    "tier_dead_zone": tier_dead_zone.check,
    "emergency_freeze": emergency_freeze.check,
    "us_map": us_map.check,
    "former_price": former_price.check,
    "jp_total_display": jp_total_display.check,
    "jp_points": jp_points.check,
    "jp_resale_price": jp_resale_price.check,
    "jp_price_error": jp_price_error.check,
    "mx_all_charges": mx_all_charges.check,
    "amazon_fair_price": amazon_fair_price.check,
    "amazon_external_price": amazon_external_price.check,
    "amazon_pack_price": amazon_pack_price.check,
}


def check_price(
    context: PricingContext,
    price: Decimal,
    history: PriceHistory | None = None,
    claim: PriceClaim | None = None,
) -> tuple[PriceCheck, ...]:
    """Return what speaks against a price, blocking findings first; nothing: an empty tuple.

    `history` is what the listing cost before and `claim` what the offer would show beside the price; a check
    that needs what nobody has told either blocks (a former price without evidence) or says nothing.
    """
    given = Given(context, price, history, claim or PriceClaim())
    found = [finding for check in CHECKS.values() if (finding := check(given)) is not None]
    return tuple(sorted(found, key=lambda finding: not finding.blocks))
