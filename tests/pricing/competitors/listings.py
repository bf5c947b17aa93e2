"""A listing's pricing context for tests, changed as a test needs it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pricing.engine.price_history import DatedPrice, PriceHistory, PriceKind
from pricing.engine.rivals import EMPTY_VIEW
from pricing.structure import Band, BandFee, Cost, CostStructure, RateFee, Tier
from pricing.types import Bounds, Objective, PricingContext
from pricing.types import Tier as Part

ON = date(2026, 8, 14)
CURRENCIES = {"US": "USD", "JP": "JPY", "MX": "MXN"}


def structure(currency: str = "USD") -> CostStructure:
    """Costs of half the usual price and a commission; pesos also with Mercado Libre's bound at 299."""
    tick = Decimal(1) if currency == "JPY" else Decimal("0.01")
    fees: tuple[RateFee | BandFee, ...] = (RateFee("commission", (Tier(None, Decimal("0.15")),)),)
    if currency == "MXN":
        bands = (Band(Decimal(299), False, Decimal(33)), Band(None, True, Decimal(82)))
        fees = (*fees, BandFee("shipping", bands))
    tax = {"USD": "0", "JPY": "0.10", "MXN": "0.16"}[currency]
    return CostStructure(
        currency, Decimal(tax), tick, tick, Decimal(100_000), fees=fees, costs=(Cost("landed", Decimal(8)),)
    )


def listing(market: str = "US", **changes: Any) -> PricingContext:
    """An active listing at a price of 20 dollars, 2,000 yen or 200 pesos."""
    currency = CURRENCIES[market]
    values: dict[str, Any] = {
        "store_id": 1,
        "sku": "TENT",
        "product_id": "P",
        "market": market,
        "platform": "amazon_sp",
        "channel": "platform",
        "currency": currency,
        "at": datetime(2026, 8, 14, 12, tzinfo=UTC),
        "on": ON,
        "price": Decimal({"US": 20, "JP": 2000, "MX": 200}[market]),
        "price_as_of": None,
        "structure": structure(currency),
        "lines": (),
        "missing": (),
        "floor_margin": Decimal(0),
        "target_margin": Decimal("0.2"),
        "rivals": EMPTY_VIEW,
        "rank": None,
        "stock_units": None,
        "cover_days": None,
        "stock_age_days": None,
        "acos": None,
        "fx_move": None,
        "fee_change": None,
        "stage": "",
        "tier": Part.REGULAR,
        "objective": Objective.PROFIT,
        "bounds": Bounds(),
        "locks": (),
        "ages": (),
        "last_changed_at": None,
        "changes_today": 0,
        "day_start_price": None,
        "units_per_day": None,
        "elasticity": None,
    }
    return PricingContext(**{**values, **changes})


def history(*runs: tuple[int, int, str], effective: str | None = None) -> PriceHistory:
    """Prices that stood from so many days before `ON` to so many days before it, both included."""
    return PriceHistory(
        tuple(
            DatedPrice(
                ON - timedelta(days=ago),
                Decimal(price),
                PriceKind.BASE,
                None if effective is None else Decimal(effective),
            )
            for first, last, price in runs
            for ago in range(first, last - 1, -1)
        )
    )
