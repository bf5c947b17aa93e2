"""Verifying rule sets and playing wars over HTTP."""

from __future__ import annotations

from collections.abc import Callable

from pricing.rules.presets import PRESETS
from pricing.selectors.context import load_contexts
from tenants.context import use_tenant
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.kpis.world import World

BASE = "/api/v1/clients/acme"
DOCUMENT = PRESETS["source_document"].document
LOOP = {
    "name": "loop",
    "uses_endings": False,
    "rules": [
        {
            "key": "won",
            "when": {"signal": "own_featured", "op": "eq", "value": True},
            "then": {"action": "percent", "by": "0.05"},
        },
        {
            "key": "lost",
            "when": {"signal": "own_featured", "op": "eq", "value": False},
            "then": {"action": "match", "against": "lowest", "offset_amount": "-0.01"},
        },
    ],
}


def test_a_sound_rule_set_passes_and_one_that_circles_is_told(
    owner: ValidatingClient, acme: ClientRef
) -> None:
    """Ten of ten and proved; nine of ten, with the loop and against whom."""
    sound = owner.post(f"{BASE}/rule-verifications", {"document": DOCUMENT}, format="json").json()
    assert (sound["boundary"], sound["is_sound"]) == ("suggestion_only", True)
    assert (sound["museum"]["score"], sound["proof"]["status"]) == (10, "proved")
    loop = owner.post(f"{BASE}/rule-verifications", {"document": LOOP}, format="json").json()
    assert (loop["is_sound"], loop["museum"]["score"]) == (False, 9)
    assert {each["code"] for each in loop["problems"] if each["severity"] == "error"} == {"loop"}


def test_a_document_with_faults_is_refused_with_all_of_them(owner: ValidatingClient, acme: ClientRef) -> None:
    """Two faults, each with its pointer."""
    faulty = {"name": "", "rules": [{"key": "x", "when": {"all": []}, "then": {"action": "steal"}}]}
    answer = owner.post(f"{BASE}/rule-verifications", {"document": faulty}, format="json")
    assert answer.status_code == 422
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert {"/name", "/rules/0/then/action"} <= pointers


def test_a_war_is_played_with_the_listing_as_it_stands(
    owner: ValidatingClient, priced: World, acme: ClientRef
) -> None:
    """Turn by turn from the listing's own price; or 409 that names what nobody knows of it."""
    store_id = priced.stores["US"]
    with use_tenant(acme):
        contexts = load_contexts(store_id=store_id)
    body = {
        "document": DOCUMENT,
        "store_id": store_id,
        "bot": "match",
        "rival": "36.00",
        "rival_least": "20.00",
    }
    for context in contexts:
        answer = owner.post(f"{BASE}/price-wars", {**body, "sku": context.sku}, format="json")
        if context.missing:
            assert (answer.status_code, answer.json()["code"]) == (409, "no_price_to_play")
            assert context.missing[0] in answer.json()["detail"]
        else:
            assert answer.json()["turns"][0] == {"turn": 0, "own": f"{context.price:f}", "rival": "36.00"}


def test_a_rival_above_its_own_start_is_refused(owner: ValidatingClient, priced: World) -> None:
    """The least price cannot be above the price it begins with."""
    body = {"document": DOCUMENT, "store_id": priced.stores["US"], "sku": "TENT", "bot": "match"}
    answer = owner.post(f"{BASE}/price-wars", {**body, "rival": "10", "rival_least": "20"}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/rival_least")


def test_others_and_viewers_learn_nothing(
    outsider: ValidatingClient, as_role: Callable[..., ValidatingClient], priced: World
) -> None:
    """Another client's login sees no such client, a viewer may not ask, an unknown listing is not there."""
    body = {"document": DOCUMENT, "store_id": priced.stores["US"], "sku": "NOBODY", "bot": "match"}
    body |= {"rival": "30", "rival_least": "20"}
    assert outsider.post(f"{BASE}/price-wars", body, format="json").status_code == 404
    assert as_role(Role.CLIENT_VIEWER).post(f"{BASE}/price-wars", body, format="json").status_code == 403
    assert as_role(Role.OPERATOR).post(f"{BASE}/price-wars", body, format="json").status_code == 404
