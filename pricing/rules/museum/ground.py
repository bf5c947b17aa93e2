"""The listing every exhibit happens to: sold in the US from Amazon's warehouse, break-even at 15.01."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from pricing.engine.contribution import keeps
from pricing.structure import Band, BandFee, Cost, CostStructure, FeeTax, MultipleFee, RateFee
from pricing.structure import Tier as RateTier
from pricing.types import Bounds, InputAge, Objective, PricingContext, Proposal, RivalView, Tier

AT = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
PRICE = Decimal("29.99")
OWN_SELLER = "A1OWN"
SISTER_SELLER = "A2SISTER"
NOBODY = RivalView(None, None, PRICE, True, 0, AT)

_LANDED = (Cost("purchase", Decimal("5.00")), Cost("freight", Decimal("1.58")), Cost("duty", Decimal("1.42")))

STRUCTURE = CostStructure(
    currency="USD",
    tax_rate=Decimal(0),
    tick=Decimal("0.01"),
    billing_unit=Decimal("0.01"),
    highest=Decimal(400),
    fees=(
        RateFee("referral", (RateTier(None, Decimal("0.15")),), minimum=Decimal("0.30")),
        BandFee(
            "fba",
            (
                Band(Decimal(10), False, Decimal("3.78")),
                Band(Decimal(50), True, Decimal("4.60")),
                Band(None, True, Decimal("4.86")),
            ),
            tax=FeeTax.EX,
        ),
        MultipleFee("fuel_surcharge", Decimal("0.035"), "fba"),
    ),
    costs=_LANDED,
    target_margin=Decimal("0.25"),
)


def listing(**changes: Any) -> PricingContext:
    """Return the listing on a quiet day, alone on its page, with what an exhibit changes."""
    ages = tuple(
        InputAge(name, AT - timedelta(hours=1), hours, True)
        for name, hours in (("price", 24), ("cost", 2160), ("fees", 720), ("fx", 48), ("competitor", 24))
    )
    quiet = PricingContext(
        store_id=1,
        sku="MUSEUM-1",
        product_id="B0MUSEUM01",
        market="US",
        platform="amazon_sp",
        channel="platform",
        currency="USD",
        at=AT,
        on=AT.date(),
        price=PRICE,
        price_as_of=AT - timedelta(hours=1),
        structure=STRUCTURE,
        lines=(),
        missing=(),
        floor_margin=Decimal(0),
        target_margin=Decimal("0.25"),
        rivals=NOBODY,
        rank=8,
        stock_units=400,
        cover_days=Decimal(40),
        stock_age_days=30,
        acos=Decimal("0.20"),
        fx_move=Decimal(0),
        fee_change=Decimal(0),
        stage="mature",
        tier=Tier.REGULAR,
        objective=Objective.PROFIT,
        bounds=Bounds(),
        locks=(),
        ages=ages,
        last_changed_at=AT - timedelta(days=9),
        changes_today=0,
        day_start_price=PRICE,
        units_per_day=Decimal(10),
        elasticity=None,
    )
    return replace(quiet, **changes)


def price_of(proposal: Proposal, context: PricingContext) -> Decimal:
    """What the listing would cost if somebody did as proposed."""
    price = context.price if proposal.price is None else proposal.price
    assert price is not None
    return price


def is_below_break_even(price: Decimal) -> bool:
    """Does the listing lose money at this price, with everything it really costs?"""
    return not keeps(STRUCTURE, price, Decimal(0))
