"""The listings file: everything the store offers, as it stands now."""

from __future__ import annotations

from connectors.simulator.http.reports import headers
from connectors.simulator.http.reports.document import Ask, Document, flat_file


def build(ask: Ask) -> Document:
    """One row per SKU, active or not. The opening time is printed in Pacific time whatever the market."""
    rows, keys = [], []
    for product in ask.store.products:
        rows.append(
            {
                "item-name": product.title,
                "listing-id": f"{product.opened_on:%m%d}Z{product.fnsku[3:]}",
                "seller-sku": product.sku,
                "price": ask.store.price_of(product),
                "open-date": f"{product.opened_on.isoformat()} 09:00:00 PST",
                "item-is-marketplace": "y",
                "product-id-type": "1",
                "item-condition": "11",
                "asin1": product.asin,
                "product-id": product.asin,
                "fulfillment-channel": "AMAZON_NA" if ask.store.market.region == "na" else "AMAZON_JP",
                "status": "Active" if product.active else "Inactive",
            }
        )
        keys.append((product.sku, f"{ask.store.price_of(product)}|{product.active}"))
    return flat_file(ask.store.market, headers.LISTINGS, rows, keys)
