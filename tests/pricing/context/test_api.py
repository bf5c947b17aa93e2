"""What listings cost and keep, and what is stated of them, through HTTP."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pricing.models import ListingProfile, PricingPolicy
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.kpis.world import World

BASE = "/api/v1/clients/acme"


def usd(amount: str) -> dict[str, str]:
    """An amount of the American store."""
    return {"amount": amount, "currency": "USD"}


def get(caller: ValidatingClient, path: str, status: int = 200, **query: Any) -> Any:
    """The body of an answer."""
    response = caller.get(f"{BASE}/{path}", query)
    assert response.status_code == status, response.content
    return response.json()


def put(caller: ValidatingClient, path: str, body: Any, version: int, status: int = 200) -> Any:
    """The body of the answer to a PUT with If-Match."""
    response = caller.put(f"{BASE}/{path}", body, headers={"If-Match": f'"{version}"'})
    assert response.status_code == status, response.content
    return response.json()


PROFILE = {
    "fee_category": "home_kitchen",
    "length_cm": "30",
    "width_cm": "20",
    "height_cm": "10",
    "weight_grams": "900",
    "return_rate": "0.05",
    "ads_mode": "share",
    "ads_share": "0.08",
    "payment_mix": {"card": "0.7", "oxxo": "0.3"},
    "lowest": usd("24.90"),
    "tier": "hero",
    "components": [],
}


def test_a_profile_is_stated_changed_and_refused(
    owner: ValidatingClient, priced: World, acme: ClientRef
) -> None:
    """Versions guard against overwriting; a wrong one changes nothing and names its faults; audited."""
    path = f"stores/{priced.stores['US']}/listing-profiles/TENT"
    get(owner, path, 404)
    first = put(owner, path, PROFILE, 0)
    assert (first["version"], first["boundary"]) == (1, "suggestion_only")
    assert first["lowest"] == usd("24.90")
    assert first["payment_mix"] == {"card": "0.7", "oxxo": "0.3"}
    put(owner, path, PROFILE, 0, 412)
    wrong = {
        **PROFILE,
        "payment_mix": {"card": "0.7"},
        "highest": usd("20.00"),
        "ads_mode": "click",
        "components": [{"sku": "TENT", "quantity": 1}],
    }
    refused = put(owner, path, wrong, 1, 422)
    assert {error["pointer"] for error in refused["errors"]} == {
        "/payment_mix",
        "/lowest_amount",
        "/ads_cost_per_click_amount",
        "/ads_conversion_rate",
        "/ads_unit_share",
        "/components",
    }
    other = put(owner, path, {**PROFILE, "lowest": {"amount": "1", "currency": "JPY"}}, 1, 422)
    assert other["errors"][0]["pointer"] == "/lowest"
    assert get(owner, path)["version"] == 1
    second = put(owner, path, {"tier": "tail"}, 1)
    assert (second["version"], second["fee_category"], second["return_rate"]) == (2, "", None)
    with use_tenant(acme):
        assert AuditEntry.objects.filter(target_type="listing_profile").count() == 2


def test_a_batch_judges_each_profile_by_itself(
    owner: ValidatingClient, priced: World, acme: ClientRef
) -> None:
    """Wrong ones, unknown members and repeats keep no other out; the same again changes nothing."""
    path = f"{BASE}/stores/{priced.stores['US']}/listing-profiles:batch"
    items = [
        {"sku": "TENT", **PROFILE},
        {"sku": "LAMP", "return_rate": "1.5"},
        {"sku": "MUG", "colour": "red"},
        {"sku": "TENT", "tier": "tail"},
        {"sku": "ROPE", "family": "ropes", "family_rank": 2},
    ]
    done = owner.post(path, {"items": items}).json()
    assert [each["status"] for each in done["data"]] == [
        "created",
        "invalid",
        "invalid",
        "invalid",
        "created",
    ]
    assert done["data"][1]["errors"][0]["pointer"] == "/items/1/return_rate"
    assert done["data"][2]["errors"][0]["code"] == "unknown_member"
    assert done["data"][3]["errors"][0]["code"] == "twice"
    again = owner.post(path, {"items": items[:1]}).json()
    assert (again["unchanged"], again["data"][0]["version"]) == (1, 1)
    listed = get(owner, f"stores/{priced.stores['US']}/listing-profiles", tier="hero")["data"]
    assert [each["sku"] for each in listed] == ["TENT"]
    with use_tenant(acme):
        assert ListingProfile.objects.count() == 2


def test_policies_are_dated_and_fall_back_from_tier_to_store(owner: ValidatingClient, priced: World) -> None:
    """A later policy does not hold today; what a tier leaves open the store's policy says."""
    store = f"stores/{priced.stores['US']}"
    whole = {"effective_on": "2026-01-01", "target_margin": "0.30", "floor_margin": "0.05", "cost_days": 30}
    put(owner, f"{store}/pricing-policies/store", whole, 0)
    put(owner, f"{store}/pricing-policies/hero", {"effective_on": "2026-01-01", "target_margin": "0.12"}, 0)
    put(owner, f"{store}/pricing-policies/hero", {"effective_on": "2027-01-01", "target_margin": "0.50"}, 1)
    put(owner, f"{store}/listing-profiles/TENT", {"tier": "hero"}, 0)
    in_force = get(owner, f"{store}/pricing-policies")["data"]
    assert [(each["tier"], each["target_margin"]) for each in in_force] == [
        ("store", "0.300000"),
        ("hero", "0.120000"),
    ]
    hero = get(owner, f"{store}/listings/TENT/contribution")
    assert (hero["floor_margin"], hero["target_margin"]) == ("0.050000", "0.120000")
    lamp = get(owner, f"{store}/listings/LAMP/contribution")
    assert lamp["target_margin"] == "0.300000"
    later = get(owner, f"{store}/listings/TENT/contribution", on="2027-01-02")
    assert later["target_margin"] == "0.500000"
    get(owner, f"{store}/pricing-policies/gold", 404)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"floor_margin": "0.4", "target_margin": "0.2"}, "/floor_margin"),
        ({"ads_mode": "click"}, "/ads_mode"),
        ({"planning": {"inbound": {}}}, "/planning/inbound"),
        ({"planning": {"nothing": {"rate": "0.1"}}}, "/planning/nothing"),
        (
            {"planning": {"inbound": {"amount": {"amount": "1", "currency": "JPY"}}}},
            "/planning/inbound/amount",
        ),
    ],
)
def test_a_policy_that_cannot_be_is_not_recorded(
    change: dict[str, Any], pointer: str, owner: ValidatingClient, priced: World, acme: ClientRef
) -> None:
    """Each fault is named by its place, and nothing is written."""
    path = f"stores/{priced.stores['US']}/pricing-policies/store"
    refused = put(owner, path, {"effective_on": "2026-01-01", **change}, 0, 422)
    assert [error["pointer"] for error in refused["errors"]] == [pointer]
    with use_tenant(acme):
        assert not PricingPolicy.objects.exists()


def test_a_contribution_adds_up_and_names_its_sources(owner: ValidatingClient, priced: World) -> None:
    """Net revenue less every known line is what is left (no returns); each line says where it comes from."""
    store = f"stores/{priced.stores['US']}"
    put(owner, f"{store}/listing-profiles/TENT", {**PROFILE, "return_rate": "0", "payment_mix": {}}, 0)
    body = get(owner, f"{store}/listings/TENT/contribution", price="44.99")
    known = [line for line in body["lines"] if line["amount"] is not None]
    assert all(line["reference"] for line in known)
    assert {line["truth"] for line in body["lines"] if line["amount"] is None} <= {"missing"}
    spent = sum(Decimal(line["amount"]["amount"]) for line in known)
    assert Decimal(body["at"]["net_revenue"]["amount"]) == Decimal("44.99")
    left = Decimal(body["at"]["contribution"]["amount"])
    assert left == Decimal("44.99") - spent
    assert body["floor"]["minimum"] is not None
    assert Decimal(body["floor"]["minimum"]["amount"]) < Decimal(body["target"]["minimum"]["amount"])
    refused = get(owner, f"{store}/listings/TENT/contribution", 400, price="44.999")
    assert refused["errors"][0]["parameter"] == "price"
    get(owner, f"{store}/listings/NOTHING/contribution", 404)


def test_a_simulation_compares_and_writes_nothing(
    owner: ValidatingClient, priced: World, acme: ClientRef
) -> None:
    """A dearer yuan lowers what is left by the purchase's share; a replaced line counts as stated."""
    store = f"stores/{priced.stores['US']}"
    body = {
        "skus": ["TENT"],
        "changes": {"amounts": {"inbound": usd("0.50")}, "rates": {"referral": "0.10"}},
        "sweep": {"first": usd("39.99"), "last": usd("44.99"), "step": usd("1.00")},
    }
    response = owner.post(f"{BASE}/{store}/simulations", body)
    assert response.status_code == 200, response.content
    (found,) = response.json()["data"]
    assert len(found["at"]) == 6
    changed = {line["name"]: line for line in found["changed"]["lines"]}
    assert changed["inbound"]["amount"] == usd("0.50")
    assert (changed["referral"]["truth"], changed["referral"]["reference"]) == ("stated", "what if")
    dearer = owner.post(
        f"{BASE}/{store}/simulations",
        {"skus": ["TENT"], "changes": {"fx": {"CNY": "1"}}, "prices": [usd("40.00")]},
    ).json()["data"][0]
    base = {line["name"]: line["amount"] for line in dearer["base"]["lines"]}
    then = {line["name"]: line["amount"] for line in dearer["changed"]["lines"]}
    assert Decimal(then["purchase"]["amount"]) > Decimal(base["purchase"]["amount"])
    assert Decimal(dearer["at"][0]["difference"]["amount"]) < 0
    unknown = owner.post(
        f"{BASE}/{store}/simulations", {"skus": ["TENT"], "changes": {"amounts": {"luck": usd("1")}}}
    )
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["pointer"] == "/changes/amounts/luck"
    with use_tenant(acme):
        assert not ListingProfile.objects.exists()


def test_a_bundle_is_told_what_it_stands_against(owner: ValidatingClient, priced: World) -> None:
    """Its goods cost what its parts do; its parts' own contribution shows what it may take from them."""
    store = f"stores/{priced.stores['US']}"
    parts = [{"sku": "TENT", "quantity": 2}, {"sku": "LAMP", "quantity": 1}]
    for sku in ("TENT", "LAMP"):
        put(owner, f"{store}/listing-profiles/{sku}", {**PROFILE, "payment_mix": {}}, 0)
    put(owner, f"{store}/listing-profiles/MUG", {**PROFILE, "payment_mix": {}, "components": parts}, 0)
    bundle = get(owner, f"{store}/listings/MUG/contribution")
    single = {sku: get(owner, f"{store}/listings/{sku}/contribution") for sku in ("TENT", "LAMP")}

    def purchase(body: Any) -> Decimal:
        return next(Decimal(line["amount"]["amount"]) for line in body["lines"] if line["name"] == "purchase")

    assert purchase(bundle) == 2 * purchase(single["TENT"]) + purchase(single["LAMP"])
    assert Decimal(bundle["bundle"]["parts_contribution"]["amount"]) == sum(
        quantity * Decimal(single[sku]["at"]["contribution"]["amount"])
        for sku, quantity in (("TENT", 2), ("LAMP", 1))
    )
    assert bundle["bundle"]["note"]


def test_listings_say_what_blocks_them(owner: ValidatingClient, priced: World) -> None:
    """By SKU, paged; one without costs names them, one with old costs says so."""
    store = f"stores/{priced.stores['US']}"
    rows = {row["sku"]: row for row in get(owner, f"{store}/listings")["data"]}
    assert sorted(rows) == ["LAMP", "MUG", "NEW", "TENT"]
    assert "missing" in {each["code"] for each in rows["NEW"]["blocked_by"]}
    page = get(owner, f"{store}/listings", limit=2)
    assert [row["sku"] for row in page["data"]] == ["LAMP", "MUG"]
    rest = get(owner, f"{store}/listings", limit=2, cursor=page["page"]["next"])
    assert [row["sku"] for row in rest["data"]] == ["NEW", "TENT"]


def test_nobody_sees_or_states_another_clients_listings(
    owner: ValidatingClient,
    outsider: ValidatingClient,
    as_role: Callable[..., ValidatingClient],
    priced: World,
    acme: ClientRef,
) -> None:
    """Another client's store is no store; without the capability nothing is stated."""
    store = f"stores/{priced.stores['US']}"
    for path in ("listings", "listing-profiles", "pricing-policies", "listings/TENT/contribution"):
        assert outsider.get(f"{BASE}/{store}/{path}").status_code == 404
        get(owner, f"stores/999999/{path}", 404)
    operator = as_role(Role.OPERATOR)
    put(operator, f"{store}/listing-profiles/TENT", PROFILE, 0, 403)
    with use_tenant(acme):
        assert not ListingProfile.objects.exists()
