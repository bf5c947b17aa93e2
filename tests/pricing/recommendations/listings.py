"""Contexts for the tests of suggestions: a listing of 29.99 USD that costs 12.38 and pays 15 %."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

from pricing.structure import (
    AdsByShare,
    Band,
    BandFee,
    Cost,
    CostStructure,
    MultipleFee,
    RateFee,
    Returns,
    Tier,
    TierMode,
)
from pricing.types import (
    Bounds,
    Confidence,
    InputAge,
    Lock,
    LockKind,
    Objective,
    PricingContext,
    RivalView,
    Truth,
    UsedLine,
)
from pricing.types import Tier as Role

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ON = date(2026, 11, 20)

STRUCTURE = CostStructure(
    currency="USD",
    tax_rate=D(0),
    tick=D("0.01"),
    billing_unit=D("0.01"),
    highest=D(300),
    fees=(
        RateFee("referral", (Tier(D(10), D("0.08")), Tier(None, D("0.15"))), TierMode.WHOLE, D("0.30")),
        BandFee("fulfilment", (Band(D(10), False, D("3.78")), Band(None, True, D("4.60")))),
        MultipleFee("fuel", D("0.035"), "fulfilment"),
    ),
    costs=(Cost("landed", D("8.00")), Cost("storage", D("0.38"))),
    ads=AdsByShare(D("0.05")),
    returns=Returns(D("0.04"), D("0.2"), D(5), D("1.00"), D("0.5"), D("8.00")),
    target_margin=D("0.20"),
)


def context(sku: str = "TENT", **changes: Any) -> PricingContext:
    """A listing about which everything is known; `changes` replace fields."""
    whole = PricingContext(
        store_id=1,
        sku=sku,
        product_id=f"B0{sku}",
        market="US",
        platform="amazon_sp",
        channel="platform",
        currency="USD",
        at=AT,
        on=ON,
        price=D("29.99"),
        price_as_of=AT - timedelta(hours=2),
        structure=STRUCTURE,
        lines=(
            UsedLine("purchase", D("8.00"), None, Truth.STATED, "sheet 3", ON, None),
            UsedLine("referral", D("4.50"), D("0.15"), Truth.TABLE, "us.amazon.referral", ON, Confidence.B),
        ),
        missing=(),
        floor_margin=D(0),
        target_margin=D("0.20"),
        rivals=RivalView(D("28.49"), D("28.49"), D("29.99"), False, 4, AT - timedelta(hours=3), {"used": 2}),
        rank=8,
        stock_units=120,
        cover_days=D("24.0"),
        stock_age_days=40,
        acos=D("0.12"),
        fx_move=None,
        fee_change=None,
        stage="growth",
        tier=Role.REGULAR,
        objective=Objective.PROFIT,
        bounds=Bounds(D("20.00"), D("39.99"), None),
        locks=(),
        ages=(
            InputAge("costs", AT - timedelta(days=10), 2160, True),
            InputAge("rivals", AT - timedelta(hours=3), 24, True),
        ),
        last_changed_at=AT - timedelta(days=3),
        changes_today=0,
        day_start_price=D("29.99"),
        units_per_day=D("5.0"),
        elasticity=None,
        title="A tent",
    )
    return replace(whole, **changes)


LOCK = Lock(LockKind.PROMOTION, 7, AT + timedelta(days=2), "Black Friday")
