"""Three shops whose data is rolled up and fully known, and how tests read their scorecards."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from connectors import models as c
from kpis.services.rollup import recompute_days
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.kpis.world import FIRST, World, days, make_world

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
WEEK = "2026-W31"
BASE = "/api/v1/clients/acme"
STREAMS = (
    "orders",
    "finances",
    "returns",
    "traffic",
    "inventory",
    "inventory_planning",
    "account_health",
    "seller_feedback",
    "offers",
    "sp_advertised_product",
)


def cover(store_id: int, through: date = date(2026, 9, 30), streams: tuple[str, ...] = STREAMS) -> None:
    """Say that the streams of a store know every day of the world up to `through`."""
    store = c.Store.objects.get(pk=store_id)
    ads = c.StoreConnection.objects.create(platform="amazon_ads", name="ads", account={})
    store.ads_connection = ads
    store.save()
    at = datetime(through.year, through.month, through.day, 12, tzinfo=UTC)
    c.StreamCursor.objects.filter(store=store).delete()
    c.StreamCursor.objects.bulk_create(
        c.StreamCursor(
            store=store,
            connection=ads if stream == "sp_advertised_product" else store.connection,
            stream=stream,
            covered_from=FIRST,
            covered_through=through,
            data_as_of=at,
            last_success_at=at,
        )
        for stream in streams
    )


def make_shops(acme: ClientRef) -> World:
    """Three stores of acme, rolled up and fully known."""
    with use_tenant(acme):
        world = make_world(seed=11)
        recompute_days(days=[(store, day) for store in world.stores.values() for day in days()])
        for store_id in world.stores.values():
            cover(store_id)
    return world


def line(body: dict[str, Any], key: str) -> dict[str, Any]:
    """One KPI of a scorecard."""
    return next(row for row in body["kpis"] if row["key"] == key)


def get(client: ValidatingClient, path: str, **query: Any) -> dict[str, Any]:
    """The body of a successful GET below the client."""
    response = client.get(f"{BASE}/{path}", query)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def give_baseline(client: ValidatingClient, store_id: int, kpi: str, value: str = "1") -> None:
    """Enter a baseline of the industry: the world is too short for one of its own before a target."""
    response = client.put(
        f"{BASE}/stores/{store_id}/baselines/{kpi}",
        {"value": value, "source": "a report"},
        headers={"If-Match": '"0"'},
    )
    assert response.status_code == 200, response.content
