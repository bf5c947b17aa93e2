"""A store and observations of offers in the database, for tests that have chosen a client."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors import models as c
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from tenants.context import use_tenant
from tenants.types import ClientRef

AT = datetime(2026, 8, 14, 12, tzinfo=UTC)


def make_store() -> StoreRef:
    """A store of the seller ME in the US; another store of the client sells as ME2."""
    c.StoreConnection.objects.create(platform="amazon_sp", name="ME2", account={"seller_id": "ME2"})
    return make_market("US", "USD")


def make_market(market: str, currency: str) -> StoreRef:
    """A store of the seller ME in a market."""
    own = c.StoreConnection.objects.create(platform="amazon_sp", name=market, account={"seller_id": "ME"})
    row = c.Store.objects.create(
        connection=own,
        platform="amazon_sp",
        market=market,
        marketplace_id=market,
        name="Shop",
        currency=currency,
        time_zone="UTC",
    )
    return get_store(row.pk)


def make_run(store: StoreRef, stream: str) -> int:
    """A finished run of a stream."""
    return c.SyncRun.objects.create(
        store_id=store.id, stream=stream, state="succeeded", started_at=AT, finished_at=AT
    ).pk


def see(store: StoreRef, seller: str, price: str, *, hours: float = 1, run: int = 0, **changes: Any) -> None:
    """Store an observation of an offer."""
    at = AT - timedelta(hours=hours)
    values: dict[str, Any] = {
        "product_id": "P",
        "is_own": seller in ("ME", "ME2"),
        "condition": "new",
        "channel": "platform",
        "business_on": date(2026, 8, 14),
        "currency": "USD",
        "shipping_amount": Decimal(0),
        "points_amount": Decimal(0),
        "is_featured": False,
    }
    c.OfferSnapshot.objects.create(
        store_id=store.id,
        seller_id=seller,
        observed_at=at,
        price_amount=Decimal(price),
        landed_amount=Decimal(price),
        run_id=run,
        source_updated_at=at,
        ingested_at=at,
        **{**values, **changes},
    )


def fill_shop(client: ClientRef) -> StoreRef:
    """A store that sells TENT at 22 dollars; a rival is featured at 20, another asks 25."""
    with use_tenant(client):
        store = make_store()
        c.Listing.objects.create(
            store_id=store.id,
            sku="TENT",
            product_id="P",
            title="Tent",
            status="active",
            condition="new",
            channel="platform",
            currency="USD",
            price_amount=22,
            run_id=0,
            source_updated_at=AT,
            ingested_at=AT,
        )
        see(store, "ME", "22")
        see(store, "R", "20", is_featured=True)
        see(store, "R2", "25")
        see(store, "RENEWED", "9", condition="refurbished")
    return store
