"""Prices at which a fee takes more than the higher price brings: 299 pesos at Mercado Libre, and the like."""

from __future__ import annotations

from pricing.engine.solve import find_dead_zones
from pricing.rules.checks.given import Given
from pricing.structure import BandFee, CostStructure, RateFee
from pricing.types import PriceCheck


def check(given: Given) -> PriceCheck | None:
    """Block a price that goes into a dead zone: the price at its lower end sells more and leaves more.

    A zone without an end is only told, since no higher price would be any better; so is a price that moves
    within the zone it stands in already.
    """
    if not _has_bounds(given.context.structure):
        return None
    zones = find_dead_zones(given.context.structure)
    zone = next((zone for zone in zones if zone.holds(given.price)), None)
    if zone is None:
        return None
    is_in_it = given.context.price is not None and zone.holds(given.context.price)
    return PriceCheck(
        code="tier_dead_zone",
        blocks=zone.until is not None and not is_in_it,
        text="The price lies just above a bound of a fee and leaves less than the price below the bound.",
        reference=f"The fee schedule of {given.context.platform} in {given.context.market}: {zone.fee}",
        values={
            "price": str(given.price),
            "fee": zone.fee,
            "bound": str(zone.bound),
            "better": str(zone.after),
            "or_from": "" if zone.until is None else str(zone.until),
        },
    )


def _has_bounds(structure: CostStructure) -> bool:
    return any(
        (isinstance(fee, RateFee) and len(fee.tiers) > 1) or (isinstance(fee, BandFee) and len(fee.bands) > 1)
        for fee in structure.fees
    )
