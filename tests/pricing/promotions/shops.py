"""Small shops: a store with two listings, and what is observed of their prices."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors import models as c
from connectors.facts.catalog import Listing
from tests.api.validating import ValidatingClient

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
BASE = "/api/v1/clients/acme"
PROVENANCE = {"run_id": 1, "source_updated_at": NOW, "ingested_at": NOW}
MARKETS = {
    "US": ("USD", "America/Los_Angeles", 1),
    "JP": ("JPY", "Asia/Tokyo", 100),
    "MX": ("MXN", "America/Mexico_City", 20),
}


def make_shop(market: str) -> int:
    """A store with two active listings."""
    currency, time_zone, scale = MARKETS[market]
    connection = c.StoreConnection.objects.create(
        platform="amazon_sp", name=market, account={"seller_id": "A1"}
    )
    store = c.Store.objects.create(
        connection=connection,
        platform="amazon_sp",
        market=market,
        marketplace_id=f"M{market}",
        name=f"Shop {market}",
        currency=currency,
        time_zone=time_zone,
    )
    for sku, price in (("TENT", 30), ("LAMP", 12)):
        Listing.objects.create(
            store_id=store.pk,
            sku=sku,
            product_id=f"B0{sku}",
            title=sku.title(),
            status="active",
            condition="new",
            channel="platform",
            currency=currency,
            price_amount=Decimal(price * scale),
            opened_on=None,
            **PROVENANCE,
        )
    return store.pk


def get(client: ValidatingClient, path: str, **query: Any) -> dict[str, Any]:
    """The body of a successful GET below the client."""
    response = client.get(f"{BASE}/{path}", query)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body
