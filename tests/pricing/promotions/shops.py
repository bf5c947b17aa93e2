"""Small shops: a store with two listings, and what is observed of their prices."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from config.lib.calendars import business_day
from connectors import models as c
from connectors.facts.catalog import Listing
from pricing.models import PriceObservation
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


def cost(store_id: int, sku: str = "TENT", *, price: str = "30", purchase: str = "8") -> None:
    """What a listing of the US shop costs: goods, and estimated fees of 15 % and 4.76."""
    sheet = c.CostSheet.objects.create(
        sku=sku,
        effective_on=date(2026, 1, 1),
        source="api",
        recorded_at=NOW,
    )
    c.CostSheetLine.objects.create(sheet=sheet, line="purchase", currency="USD", amount=Decimal(purchase))
    shown = Decimal(price)
    c.FeeEstimate.objects.create(
        store_id=store_id,
        sku=sku,
        product_id=f"B0{sku}",
        estimated_on=NOW.date(),
        currency="USD",
        price_amount=shown,
        referral_amount=shown * Decimal("0.15"),
        fulfilment_amount=Decimal("4.76"),
        closing_amount=0,
        other_amount=0,
        total_amount=shown * Decimal("0.15") + Decimal("4.76"),
        **PROVENANCE,
    )


def observe(
    store_id: int,
    sku: str,
    amount: str,
    at: datetime,
    *,
    kind: str = "listing",
    tz: str = "America/Los_Angeles",
) -> None:
    """A sync saw this price for the first time then."""
    PriceObservation.objects.create(
        store_id=store_id,
        sku=sku,
        kind=kind,
        amount=Decimal(amount),
        currency="USD",
        observed_at=at,
        business_on=business_day(at, tz),
        is_change=True,
        run_id=1,
        noted_at=at,
    )


def see(store_id: int, at: datetime) -> None:
    """Syncs have looked at the listings until then."""
    store = c.Store.objects.get(pk=store_id)
    c.StreamCursor.objects.update_or_create(
        store=store,
        stream="listings",
        defaults={"connection": store.connection, "data_as_of": at, "last_success_at": at},
    )


def age_stock(store_id: int, sku: str = "TENT", **buckets: int) -> None:
    """Stock by age as of today, with 6.00 of storage next month for all of it."""
    held = dict.fromkeys(("age_0_90", "age_91_180", "age_181_270", "age_271_365", "age_over_365"), 0)
    held |= buckets
    c.InventoryAge.objects.create(
        store_id=store_id,
        sku=sku,
        product_id=f"B0{sku}",
        snapshot_on=NOW.date(),
        available=sum(held.values()),
        currency="USD",
        storage_cost_next_month_amount=Decimal("6.00"),
        **held,
        **PROVENANCE,
    )
