"""Which SKUs a store is known to have, with their product ids."""

from __future__ import annotations

from datetime import timedelta

from config.lib import clock
from connectors.facts.catalog import Listing
from connectors.facts.orders import OrderLine

_STILL_SOLD = timedelta(days=90)


def list_skus(store_id: int) -> dict[str, str]:
    """Return product ids by SKU: of the listings, and of what was sold in the last 90 days without one."""
    sold = (
        OrderLine.objects.filter(store_id=store_id, ordered_at__gte=clock.now() - _STILL_SOLD)
        .exclude(product_id="")
        .order_by("sku", "ordered_at")
        .values_list("sku", "product_id")
        .distinct()
    )
    listed = Listing.objects.filter(store_id=store_id).values_list("sku", "product_id")
    return dict(sorted({**dict(sold), **dict(listed)}.items()))
