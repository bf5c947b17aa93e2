"""Where Amazon sells: marketplaces, the region host that serves each, and how dates are written there."""

from __future__ import annotations

from connectors.engine.protocol import Marketplace
from connectors.platforms.common.moments import DayOrder

NORTH_AMERICA = "https://sellingpartnerapi-na.amazon.com"
FAR_EAST = "https://sellingpartnerapi-fe.amazon.com"

MARKETPLACES = {
    place.id: place
    for place in (
        Marketplace("ATVPDKIKX0DER", "US", "USD", "America/Los_Angeles", NORTH_AMERICA),
        Marketplace("A2EUQ1WTGCTBG2", "CA", "CAD", "America/Los_Angeles", NORTH_AMERICA),
        Marketplace("A1AM78C64UM0Y8", "MX", "MXN", "America/Mexico_City", NORTH_AMERICA),
        Marketplace("A1VC38T7YXB528", "JP", "JPY", "Asia/Tokyo", FAR_EAST),
    )
}
_DAY_ORDERS = {"JP": DayOrder.YEAR_FIRST}


def day_order_of(market: str) -> DayOrder:
    """Return how a market's reports write dates with slashes and two-digit years."""
    return _DAY_ORDERS.get(market, DayOrder.MONTH_FIRST)
