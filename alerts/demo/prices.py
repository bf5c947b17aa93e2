"""The pricing part of the demo: what the client states, the rule set and its proof, the runs.

The client's statements (categories, tiers, policies, an emergency, a shop kept by hand) are made up here;
every price, check and verdict comes from the product.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from alerts.demo.api import API
from alerts.demo.steps import await_job
from config.lib import clock

RULE_SET = "margin-then-rival"
_TEMPLATES = ("protect_margin", "follow_rival")
# Rivals this far above leave room; the template waits for five points.
_ROOM = "-0.03"
_EMERGENCY_MARKET = "US"
_HAND_FED = {"platform": "rakuten", "marketplace_id": "rakuten-jp", "like": "JP"}
_SOURCE = "shop-visits"
_SEEN_DAYS_AGO = 3
# What the client says its goods are, in the words of each market's fee table, by the kind in the SKU.
_CATEGORIES = {
    "US": {
        **dict.fromkeys(("HOM", "KIT"), "home_kitchen"),
        "ELE": "consumer_electronics",
        "APP": "clothing_accessories",
        "PET": "pet_supplies",
        "OFF": "office_products",
        "SPO": "sports_outdoors",
        "BAB": "baby",
        "GAR": "lawn_garden",
    },
    "JP": {
        **dict.fromkeys(("HOM", "KIT", "PET", "OFF"), "home_kitchen_office_pet_tools"),
        "ELE": "electronics_camera_pc_instruments",
        "APP": "apparel",
        "SPO": "electronics_accessories_sports_auto_toys",
        "GAR": "garden",
    },
    "MX": {**dict.fromkeys(("HOM", "KIT", "PET", "OFF", "APP", "SPO", "BAB", "GAR"), "default")},
}


@dataclass(frozen=True, slots=True)
class Priced:
    """What came out: the rule set as it is in force, and the runs' items with the store of each."""

    rules: dict[str, Any]
    items: tuple[tuple[dict[str, Any], dict[str, Any]], ...]

    def of(self, outcome: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """The stores and items that came out so."""
        return [(store, item) for store, item in self.items if item["outcome"] == outcome]


def price(api: API, client: str, stores: Sequence[dict[str, Any]], since: date) -> Priced:
    """State what pricing needs, put the rule set in force, and look at every listing of the stores."""
    rules = _rules_in_force(api, client)
    for store in stores:
        _state(api, client, store, since)
    _declare_emergency(api, client, stores, since)
    everywhere = [*stores, _hand_fed_shop(api, client, stores, since)]
    started = [
        (store, api.post(f"/clients/{client}/pricing-runs", {"store_id": store["id"]}))
        for store in everywhere
    ]
    for _, run in started:
        await_job(api, client, run["job"]["id"], "a pricing run")
    found = [
        (store, item)
        for store, run in started
        for item in api.every(f"/clients/{client}/pricing-runs/{run['run']['id']}/items")
    ]
    return Priced(rules, tuple(found))


def _state(api: API, client: str, store: dict[str, Any], since: date) -> None:
    """Categories and tiers of the listings, and margins for the store."""
    base = f"/clients/{client}/stores/{store['id']}"
    listings = api.every(f"{base}/listings", {"fields": "sku"})
    stated = {profile["sku"] for profile in api.every(f"{base}/listing-profiles", {"fields": "sku"})}
    items = [_profile(each["sku"], store["market"]) for each in listings if each["sku"] not in stated]
    if items:
        api.post(f"{base}/listing-profiles:batch", {"items": items})
    policy = {"effective_on": since.isoformat(), "target_margin": "0.25", "floor_margin": "0.05"}
    _state_policy(api, base, policy)


def _profile(sku: str, market: str) -> dict[str, Any]:
    kind, number = sku[1:4], int(sku.rpartition("-")[2])
    tier = "hero" if number == 1001 else "tail" if number > 1009 else "regular"
    return {
        "sku": sku,
        "fee_category": _CATEGORIES[market].get(kind, ""),
        "origin": "CN",
        "tier": tier,
        "target_margin": "0.25",
    }


def _state_policy(api: API, base: str, policy: dict[str, Any]) -> None:
    known = {each["tier"] for each in api.get(f"{base}/pricing-policies")["data"]}
    if "store" not in known:
        api.put(f"{base}/pricing-policies/store", policy, version=0)


def _rules_in_force(api: API, client: str) -> dict[str, Any]:
    """Put together two rule sets of the library, save them as one, prove it and put it in force."""
    known = {each["key"]: each for each in api.every(f"/clients/{client}/rule-sets")}
    if RULE_SET not in known:
        library = {
            each["key"]: each["document"] for each in api.get(f"/clients/{client}/rule-templates")["data"]
        }
        body = {"key": RULE_SET, "document": _together([library[key] for key in _TEMPLATES])}
        known[RULE_SET] = api.post(f"/clients/{client}/rule-sets", body)
    row = known[RULE_SET]
    path = f"/clients/{client}/rule-sets/{RULE_SET}"
    if row["active_version"] == 0:
        api.post(f"{path}/activation", {}, version=row["version"])
    shown: dict[str, Any] = api.get(path)
    return shown


def _together(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The rules one after the other, with the limits of the last; a smaller gap above us counts as room."""
    rules = [rule for document in documents for rule in document["rules"]]
    for rule in rules:
        if rule["key"] == "follow_up":
            rule["when"]["all"][0]["value"] = _ROOM
    return {
        "name": "Keep the margin, then follow the rival",
        "rules": rules,
        "limits": documents[-1]["limits"],
        "ranges": {name: ends for each in documents for name, ends in each["ranges"].items()},
    }


def _declare_emergency(api: API, client: str, stores: Iterable[dict[str, Any]], since: date) -> None:
    """Note that an emergency is declared where one of the stores sells: no price may be raised meanwhile."""
    for store in stores:
        if store["market"] == _EMERGENCY_MARKET:
            began = datetime.combine(clock.today("UTC") - timedelta(days=1), time(12), tzinfo=UTC)
            known = api.every(f"/clients/{client}/events", {"store": str(store["id"]), "kind": "emergency"})
            if not known:
                body = {
                    "store_id": store["id"],
                    "kind": "emergency",
                    "occurred_at": began.isoformat(),
                    "title": "State of emergency after the hurricane",
                }
                api.post(f"/clients/{client}/events", body)


def _hand_fed_shop(api: API, client: str, stores: Sequence[dict[str, Any]], since: date) -> dict[str, Any]:
    """A shop without an interface: its best seller's listing as a file, and a rival that somebody looked up
    days ago."""
    base = f"/clients/{client}"
    market = _HAND_FED["like"]
    for store in api.every(f"{base}/stores"):
        if store["marketplace_id"] == _HAND_FED["marketplace_id"]:
            return dict(store)
    made = api.post(
        f"{base}/connections",
        {"platform": _HAND_FED["platform"], "name": "Rakuten by files", "account": {}, "credential": {}},
    )
    shop: dict[str, Any] = api.post(
        f"{base}/connections/{made['id']}/stores",
        {"marketplace_id": _HAND_FED["marketplace_id"], "name": f"{client.title()} Rakuten"},
    )
    like = next(store for store in stores if store["market"] == market)
    listing = api.every(f"{base}/stores/{like['id']}/listings")[0]
    columns = ("sku", "title", "price_amount", "product_id")
    cells = (listing["sku"], listing["title"], listing["price"]["amount"], listing["product_id"])
    text = io.StringIO()
    csv.writer(text).writerows((columns, cells))
    query = {"dataset": "listings", "store": str(shop["id"]), "mode": "whole", "filename": "rakuten.csv"}
    job = api.post_csv(f"{base}/uploads", text.getvalue(), query)
    policy = {
        "effective_on": since.isoformat(),
        "planning": {
            "referral": {"rate": "0.07"},
            "fulfilment": {"amount": {"amount": "620", "currency": "JPY"}},
        },
    }
    _state_policy(api, f"{base}/stores/{shop['id']}", policy)
    _note_rival(api, client, shop, listing)
    await_job(api, client, job["id"], "the shop's listings")
    return shop


def _note_rival(api: API, client: str, shop: dict[str, Any], listing: dict[str, Any]) -> None:
    base = f"/clients/{client}"
    seen_at = clock.now() - timedelta(days=_SEEN_DAYS_AGO)
    api.post(
        f"{base}/price-sources",
        {
            "key": _SOURCE,
            "market": _HAND_FED["like"],
            "title": "What our people saw in the shop's own pages",
            "basis": "own_observation",
            "reference": "Note of the account manager",
            "allowed_on": (seen_at - timedelta(days=1)).date().isoformat(),
        },
    )
    offer = {
        "product_id": listing["product_id"],
        "seller_id": "rakuten-rival",
        "observed_at": seen_at.isoformat(),
        "price": listing["price"],
        "pack_size": 1,
    }
    api.post(f"{base}/competitor-offers", {"store_id": shop["id"], "source": _SOURCE, "offers": [offer]})
