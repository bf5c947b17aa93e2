"""Rule sets over HTTP and in the database: versions never change, activation needs proof, one set counts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pricing.models import (
    PriceHalt,
    PriceRuleSet,
    PriceRuleSetActivation,
    PriceRuleSetVersion,
    PricingRun,
    Recommendation,
)
from pricing.rules.presets import PRESETS
from pricing.rules.verdicts import FloorProof, Museum, ProofStatus, Verification
from pricing.selectors import dry_runs
from pricing.selectors.rule_sets import find_active, list_stores_with_rules, load_active
from pricing.services import rule_sets as services
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.pricing.promotions.shops import BASE, NOW, get
from tests.pricing.rules.worlds import listing

SETS = f"{BASE}/rule-sets"


def _document(by: str = "-0.03", **limits: str) -> dict[str, Any]:
    document = PRESETS["source_document"].document
    document["rules"][0]["then"]["by"] = by
    document["limits"] |= limits
    return document


def _post(client: ValidatingClient, key: str = "follow", **changes: Any) -> dict[str, Any]:
    made = client.post(SETS, {"key": key, "document": _document(), **changes})
    assert made.status_code == 201, made.content
    body: dict[str, Any] = made.json()
    return body


@pytest.fixture
def proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verification finds nothing: it takes seconds, and is not what is tested here."""
    proof = FloorProof(ProofStatus.PROVED, "said so", {}, (), 0)
    monkeypatch.setattr(services, "verify", lambda rule_set: Verification((), proof, Museum(()), ()))


def test_a_rule_set_lives_from_draft_to_retirement(us: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """Saved, proved and activated, changed while the old version stays in force, retired; all audited."""
    made = _post(owner, scope={"markets": ["US"]}, note="first")
    assert (made["state"], made["active_version"], made["activation"]) == ("draft", 0, None)
    assert made["latest"]["scope"] == {"stores": [], "markets": ["US"], "tiers": [], "skus": []}

    active = owner.post(f"{SETS}/follow/activation", {}, headers={"If-Match": '"1"'})
    assert active.status_code == 200, active.content
    body = active.json()
    assert (body["state"], body["active_version"], active["ETag"]) == ("active", 1, '"2"')
    assert body["activation"]["verification"]["proof"]["status"] == "proved"
    assert body["activation"]["verification"]["museum"]["score"] == 10

    saved = owner.put(f"{SETS}/follow", {"document": _document("-0.02")}, headers={"If-Match": '"2"'})
    assert saved.status_code == 200, saved.content
    assert (saved.json()["active_version"], saved.json()["latest_version"]) == (1, 2)
    assert saved.json()["latest"]["scope"]["markets"] == ["US"]
    with use_tenant(acme):
        found = find_active(us, "US", "regular", "TENT")
        assert found is not None
        assert found.rule_set.rules[0].then.values["by"] == Decimal("-0.03")

    retired = owner.post(f"{SETS}/follow/retirement", {"reason": "test over"}, headers={"If-Match": '"3"'})
    assert retired.status_code == 200, retired.content
    assert (retired.json()["state"], retired.json()["active_version"]) == ("retired", 0)
    with use_tenant(acme):
        assert find_active(us, "US", "regular", "TENT") is None
        verbs = (
            AuditEntry.objects.filter(target_type="rule_set").order_by("id").values_list("verb", flat=True)
        )
        assert list(verbs) == [
            "rule_set.created",
            "rule_set.activated",
            "rule_set.saved",
            "rule_set.retired",
        ]
    versions = get(owner, "rule-sets/follow/versions")["data"]
    assert [row["version"] for row in versions] == [2, 1]
    assert get(owner, "rule-sets/follow/versions/1")["document"]["rules"][0]["then"]["by"] == "-0.03"
    difference = get(owner, "rule-sets/follow/diff", before=1, after=2)["data"]
    assert difference == [
        {
            "pointer": "/rules/competitor_cheaper/then/by",
            "kind": "changed",
            "before": "-0.03",
            "after": "-0.02",
        }
    ]
    assert [row["key"] for row in get(owner, "rule-sets", state="retired")["data"]] == ["follow"]
    assert get(owner, "rule-sets", state="active")["data"] == []


def test_an_unsound_rule_set_is_not_activated(us: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """422 names the problem with its remedy, and what was in force before is still (here: nothing)."""
    document = {
        "name": "In circles",
        "rules": [
            {
                "key": "win",
                "when": {"signal": "own_featured", "op": "eq", "value": True},
                "then": {"action": "percent", "by": "0.10"},
            },
            {"key": "undercut", "then": {"action": "match", "against": "lowest", "offset_amount": "-0.01"}},
        ],
    }
    _post(owner, document=document)
    refused = owner.post(f"{SETS}/follow/activation", {}, headers={"If-Match": '"1"'})
    assert refused.status_code == 422, refused.content
    problem = refused.json()
    assert problem["code"] == "rule_set_unsound"
    assert problem["errors"]
    assert all(error["pointer"].startswith("/rules") for error in problem["errors"])
    with use_tenant(acme):
        assert not PriceRuleSetActivation.objects.exists()
        assert PriceRuleSet.objects.get().active_version == 0


def test_every_fault_of_a_document_is_told_at_once(us: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """Faults of rules, limits and scope together, each at its place; nothing is saved."""
    document = _document("0", cadence_hours="3")
    document["rules"][0]["when"]["all"][0]["signal"] = "moon"
    refused = owner.post(SETS, {"key": "bad", "document": document, "scope": {"stores": [us, 999_999]}})
    assert refused.status_code == 422, refused.content
    assert {error["pointer"] for error in refused.json()["errors"]} == {
        "/document/rules/0/when/all/0/signal",
        "/document/rules/0/then/by",
        "/document/limits/cadence_hours",
        "/scope/stores/1",
    }
    with use_tenant(acme):
        assert not PriceRuleSet.objects.exists()


def test_changes_name_the_version_they_replace(us: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """428 without If-Match, 412 with a former one, 409 for a key that is taken; nothing changes."""
    _post(owner)
    body = {"document": _document("-0.02")}
    assert owner.put(f"{SETS}/follow", body).status_code == 428
    assert owner.put(f"{SETS}/follow", body, headers={"If-Match": '"7"'}).status_code == 412
    assert owner.post(f"{SETS}/follow/activation", {}).status_code == 428
    assert owner.post(f"{SETS}/follow/activation", {}, headers={"If-Match": '"7"'}).status_code == 412
    gone = owner.post(f"{SETS}/follow/activation", {"version": 9}, headers={"If-Match": '"1"'})
    assert gone.status_code == 404
    assert owner.post(SETS, {"key": "follow", "document": _document()}).status_code == 409
    with use_tenant(acme):
        assert PriceRuleSetVersion.objects.count() == 1
        assert PriceRuleSet.objects.get().version == 1


def test_who_may_not_write_rules_changes_nothing(
    us: int, owner: ValidatingClient, as_role: Callable[..., ValidatingClient], acme: ClientRef
) -> None:
    """An operator reads rule sets and tries them, but saves, activates and retires none."""
    _post(owner)
    operator = as_role(Role.OPERATOR)
    match = {"If-Match": '"1"'}
    assert get(operator, "rule-sets/follow")["key"] == "follow"
    assert operator.post(SETS, {"key": "mine", "document": _document()}).status_code == 403
    assert operator.put(f"{SETS}/follow", {"document": _document()}, headers=match).status_code == 403
    assert operator.post(f"{SETS}/follow/activation", {}, headers=match).status_code == 403
    assert operator.post(f"{SETS}/follow/retirement", {"reason": "x"}, headers=match).status_code == 403
    with use_tenant(acme):
        assert PriceRuleSet.objects.get().version == 1
        assert PriceRuleSetVersion.objects.count() == 1


def test_another_clients_rule_sets_are_not_there(
    us: int, other_us: int, owner: ValidatingClient, acme: ClientRef, globex: ClientRef
) -> None:
    """Neither by key nor in lists, nor do they price our listings."""
    with use_tenant(globex):
        services.create_rule_set(key="theirs", document=_document(), scope={})
    assert owner.get(f"{SETS}/theirs").status_code == 404
    assert get(owner, "rule-sets")["data"] == []
    with use_tenant(acme):
        assert load_active(us).all == ()


def test_the_narrowest_scope_counts_and_then_the_later_activation(
    us: int, proved: None, acme: ClientRef
) -> None:
    """A named SKU before a store, that before a tier, that before a market; a halt is told with the set."""
    scopes: dict[str, dict[str, Any]] = {
        "market": {"markets": ["US"]},
        "sku": {"skus": ["LAMP"]},
        "tier": {"tiers": ["hero"]},
        "store": {"stores": [us]},
        "elsewhere": {"markets": ["JP"]},
        "everything": {},
        "later": {},
    }
    with use_tenant(acme):
        for key, scope in scopes.items():
            services.create_rule_set(key=key, document=_document(), scope=scope)
            services.activate(key=key, chosen=1, version=1)

        def counts(sku: str = "TENT", tier: str = "regular", market: str = "US", store: int = us) -> str:
            found = find_active(store, market, tier, sku)
            return found.key if found else ""

        assert counts() == "store"
        assert counts("LAMP", "hero") == "sku"
        assert counts(tier="hero", store=us + 1) == "tier"
        assert counts(store=us + 1) == "market"
        assert counts(market="MX", store=us + 1) == "later"
        assert list_stores_with_rules() == [us]
        row = PriceRuleSet.objects.get(key="store")
        PriceHalt.objects.create(
            scope="rule_set", rule_set_id=row.pk, reason="wrong", halted_at=NOW, halted_by="me"
        )
        found = load_active(us).of(listing(store_id=us))
        assert found is not None
        assert found.halt is not None
        assert found.halt.reason == "wrong"
        services.retire(key="store", reason="x", version=2)
        assert counts() == "market"


def test_a_dry_run_writes_nothing(
    us: int, owner: ValidatingClient, acme: ClientRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows the suggestion with its trace and page by page, and leaves every table as it was."""
    _post(owner, scope={"skus": ["TENT"]})
    body = {"store_id": us, "limit": 1, "trace": True}
    blocked = owner.post(f"{SETS}/follow/dry-run", body)
    assert blocked.status_code == 200, blocked.content
    first = blocked.json()
    assert [row["sku"] for row in first["data"]] == ["LAMP"]
    assert (first["data"][0]["outcome"], first["data"][0]["in_scope"]) == ("blocked", False)
    assert first["next_sku"] == "TENT"
    monkeypatch.setattr(
        dry_runs,
        "load_contexts",
        lambda *, store_id, skus: [listing(store_id=store_id, sku=sku) for sku in skus],
    )
    second = owner.post(f"{SETS}/follow/dry-run", {**body, "from_sku": "TENT"}).json()
    row = second["data"][0]
    assert (row["sku"], row["outcome"], row["in_scope"]) == ("TENT", "suggest", True)
    assert row["price"] == {"amount": "29.10", "currency": "USD"}
    assert row["trace"][-1]["name"] == "least_move"
    assert second["next_sku"] is None
    assert second["outcomes"] == {"suggest": 1}
    assert owner.post(f"{SETS}/follow/dry-run", {"store_id": 999_999}).status_code == 404
    with use_tenant(acme):
        assert not Recommendation.objects.exists()
        assert not PricingRun.objects.exists()


def test_the_language_and_the_library_are_published(us: int, owner: ValidatingClient) -> None:
    """The schema describes every template, and what is offered can be saved as it is."""
    schema = get(owner, "rule-schema")["schema"]
    assert schema["$schema"].endswith("2020-12/schema")
    for template in get(owner, "rule-templates")["data"]:
        _post(owner, key=template["key"].replace("_", "-"), document=template["document"])
