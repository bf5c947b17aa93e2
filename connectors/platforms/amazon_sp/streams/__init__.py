"""Which streams Amazon offers, by key, in the order a first sync runs them."""

from __future__ import annotations

from connectors.engine.protocol import Stream
from connectors.platforms.amazon_sp.streams.account_health import ACCOUNT_HEALTH
from connectors.platforms.amazon_sp.streams.feedback import SELLER_FEEDBACK
from connectors.platforms.amazon_sp.streams.fees import FEE_ESTIMATES
from connectors.platforms.amazon_sp.streams.finances import FINANCES
from connectors.platforms.amazon_sp.streams.inventory import INVENTORY, INVENTORY_LEDGER, INVENTORY_PLANNING
from connectors.platforms.amazon_sp.streams.listings import LISTINGS
from connectors.platforms.amazon_sp.streams.offers import OFFERS
from connectors.platforms.amazon_sp.streams.orders import ORDERS, ORDERS_REPORT
from connectors.platforms.amazon_sp.streams.returns import RETURNS
from connectors.platforms.amazon_sp.streams.settlements import SETTLEMENTS
from connectors.platforms.amazon_sp.streams.traffic import TRAFFIC

STREAMS: dict[str, Stream] = {
    stream.key: stream
    for stream in (
        LISTINGS,
        ORDERS_REPORT,
        ORDERS,
        FINANCES,
        SETTLEMENTS,
        RETURNS,
        INVENTORY,
        INVENTORY_LEDGER,
        INVENTORY_PLANNING,
        TRAFFIC,
        ACCOUNT_HEALTH,
        SELLER_FEEDBACK,
        OFFERS,
        FEE_ESTIMATES,
    )
}
