"""Cost structures of the tests, as in the domain's worked examples."""

from __future__ import annotations

from decimal import Decimal

from pricing.structure import Band, BandFee, Cost, CostStructure, MultipleFee, RateFee, Tier

D = Decimal


def us_home(costs: tuple[Cost, ...] = (Cost("purchase", D("8")),)) -> CostStructure:
    """US01: FBA home goods, 15 % referral, fulfilment by price band with its surcharge."""
    return CostStructure(
        currency="USD",
        tax_rate=D(0),
        tick=D("0.01"),
        billing_unit=D("0.01"),
        highest=D(200),
        fees=(
            RateFee("referral", (Tier(None, D("0.15")),), minimum=D("0.30")),
            BandFee(
                "fba",
                (
                    Band(D(10), False, D("3.78")),
                    Band(D(50), True, D("4.60")),
                    Band(None, True, D("4.86")),
                ),
            ),
            MultipleFee("fuel_surcharge", D("0.035"), "fba"),
        ),
        costs=costs,
        target_margin=D("0.25"),
    )
