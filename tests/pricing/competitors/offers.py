"""Offers for tests: a plain one, changed as a test needs it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from pricing.engine.offers import OwnSide, RawOffer

AT = datetime(2026, 8, 14, 12, tzinfo=UTC)
OWN = OwnSide(currency="USD", seller_id="ME", own_sellers=frozenset({"ME", "ME2"}))


def offer(seller: str, price: str, *, hours: float = 1, **changes: Any) -> RawOffer:
    """A fresh new offer of a seller without shipping and points."""
    values: dict[str, Any] = {
        "product_id": "P",
        "seller_id": seller,
        "is_own": False,
        "condition": "new",
        "channel": "platform",
        "observed_at": AT - timedelta(hours=hours),
        "currency": "USD",
        "price": Decimal(price),
        "shipping": Decimal(0),
        "points": Decimal(0),
        "is_featured": False,
        "pack_size": 1,
    }
    return RawOffer(**{**values, **changes})


def ours(price: str, **changes: Any) -> RawOffer:
    """The store's own offer."""
    return offer("ME", price, **{"is_own": True, **changes})
