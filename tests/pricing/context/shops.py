"""The moment of these tests and what they add to the random world."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors import models as c
from pricing.models import ListingProfile
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.kpis.world import World, make_world

ON = date(2026, 8, 9)
NOW = datetime(2026, 8, 10, 2, tzinfo=UTC)
PRICES = {"US": Decimal("39.99"), "JP": Decimal(5980), "MX": Decimal("799.00")}


def plain_world(client: ClientRef) -> World:
    """The random world of a client."""
    with use_tenant(client):
        return make_world(seed=7)


def priced_world(client: ClientRef) -> World:
    """The random world of a client, every listing with a price."""
    with use_tenant(client):
        found = make_world(seed=7)
        price_listings(found)
    return found


def price_listings(world: World) -> None:
    """Give every listing of the world a price; the random ones have none."""
    for market, store_id in world.stores.items():
        c.Listing.objects.filter(store_id=store_id).update(price_amount=PRICES[market])


def copy_listing(store_id: int, sku: str, name: str) -> None:
    """Another listing with the same content."""
    row = c.Listing.objects.get(store_id=store_id, sku=sku)
    row.pk, row.sku, row.product_id = None, name, f"P-{name}"
    row._state.adding = True
    row.save()


def state(store_id: int, sku: str, **values: Any) -> None:
    """State a listing's profile."""
    ListingProfile.objects.create(store_id=store_id, sku=sku, updated_at=NOW, updated_by="test", **values)
