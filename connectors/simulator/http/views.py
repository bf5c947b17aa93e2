"""What the control endpoints show of the world, as plain JSON-ready values."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.simulator.http.record import Record
from connectors.simulator.truth import Observed
from connectors.simulator.world import World
from connectors.simulator.world.markets import REGIONS
from connectors.simulator.world.model import Store


def accounts_of(world: World) -> list[dict[str, Any]]:
    """The clients with their connections: credentials, account fields and the stores behind each."""
    found = []
    for account in world.accounts:
        connections: list[dict[str, Any]] = []
        stores = [store for store in world.stores.values() if store.account is account]
        for region, markets in REGIONS.items():
            shared = {"client_id": account.client_id, "client_secret": account.client_secret}
            mine = [store for store in stores if store.market in markets]
            connections.append(
                {
                    "platform": "amazon_sp",
                    "region": region,
                    "credential": {**shared, "refresh_token": account.refresh_tokens[region]},
                    "account": {"seller_id": account.sellers[region]},
                    "stores": [_store(store) for store in mine],
                }
            )
            for store in mine:
                connections.append(
                    {
                        "platform": "amazon_ads",
                        "region": region,
                        "credential": {**shared, "refresh_token": account.ads_refresh_tokens[region]},
                        "account": {"profile_id": store.profile_id},
                        "stores": [_store(store)],
                    }
                )
        found.append({"key": account.key, "name": account.name, "connections": connections})
    return found


def _store(store: Store) -> dict[str, Any]:
    return {
        "key": store.key,
        "name": store.name,
        "market": store.market.code,
        "marketplace_id": store.market.marketplace_id,
        "currency": store.market.currency,
        "time_zone": store.market.time_zone,
    }


def plants_of(world: World) -> list[dict[str, Any]]:
    """The planted causes with their dates and what they should do."""
    return [
        {
            "kind": plant.kind,
            "store": f"{plant.account}-{plant.market.lower()}",
            "sku": plant.sku,
            "start": plant.start.isoformat(),
            "end": plant.end.isoformat() if plant.end else None,
            "cause": plant.cause,
            "effects": list(plant.effects),
            "size": str(plant.size),
        }
        for plant in world.plants
    ]


def cost_rows_of(world: World, account: str = "") -> list[dict[str, str]]:
    """One row per SKU, market, date and line, as the upload takes them; of one client or of all."""
    return [
        {
            "account": key,
            "sku": sheet.sku,
            "market": sheet.market,
            "effective_on": sheet.effective_on.isoformat(),
            "line": line,
            "currency": currency,
            "amount": str(amount),
        }
        for key, sheets in world.cost_sheets.items()
        if account in ("", key)
        for sheet in sheets
        for line, currency, amount in sheet.lines
    ]


def observed_by(record: Record, store: str) -> Observed:
    """What a caller can know of figures that are only told when asked for, from what it did ask for."""
    return Observed(
        stock_now=_split(record.keys(store, "inventory")),
        planning=frozenset(day for day, _ in _split(record.keys(store, "inventory_planning"))),
        offers=frozenset(_split(record.keys(store, "offers"))),
        health=frozenset(map(date.fromisoformat, record.keys(store, "account_health"))),
        estimates=_split(record.keys(store, "fee_estimates")),
    )


def _split(keys: dict[str, str]) -> dict[tuple[date, str], str]:
    found = {}
    for key, version in keys.items():
        day, _, name = key.partition("|")
        found[date.fromisoformat(day), name] = version
    return found
