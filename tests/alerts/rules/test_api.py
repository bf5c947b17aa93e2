"""Alert rules over HTTP: what is refused changes nothing, versions stay, activation tells of the trial."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from alerts.detectors import DETECTORS
from alerts.models import Alert, AlertRule, AlertRuleVersion
from connectors.facts.inventory import InventoryDay
from tenants.types import Role
from tests.alerts.rules.shop import TODAY, Shop
from tests.api.validating import ValidatingClient

BASE = "/api/v1/clients/acme"
RULES = f"{BASE}/alert-rules"
EMPTY: dict[str, Any] = {
    "key": "empty",
    "detector": "stock_zero",
    "title": "Out of stock",
    "owner": "warehouse",
}


def made(owner: ValidatingClient, **changes: Any) -> dict[str, Any]:
    """A new rule."""
    response = owner.post(RULES, {**EMPTY, **changes})
    assert response.status_code == 201, response.content
    body: dict[str, Any] = response.json()
    assert response.headers["Location"] == f"{RULES}/{body['key']}"
    assert response.headers["ETag"] == f'"{body["version"]}"'
    return body


def test_every_detector_tells_what_may_be_set(shop: Shop, owner: ValidatingClient) -> None:
    """The list has all of them, each with the JSON Schema of its parameters."""
    data = owner.get(f"{BASE}/alert-detectors").json()["data"]
    assert [each["key"] for each in data] == list(DETECTORS.keys())
    threshold = data[0]["parameters"]
    assert threshold["required"] == ["kpi"]
    assert threshold["properties"]["limit"]["format"] == "decimal"


def test_a_rule_is_saved_changed_and_put_in_force(shop: Shop, owner: ValidatingClient) -> None:
    """Defaults are filled in; a second version leaves the first as it was; activation tells of the trial."""
    InventoryDay.objects.filter(store_id=shop.id, snapshot_on=TODAY - timedelta(days=9)).update(fulfillable=0)
    rule = made(owner)
    assert (rule["severity"], rule["is_active"], rule["in_force"]) == ("critical", False, 1)
    assert rule["parameters"] == {"history_days": 14, "least_units": 3, "clear_units": 1, "skus": []}
    body = {"title": "Empty", "parameters": {"least_units": 5}, "policy": {"repeat_hours": 12}}
    saved = owner.put(f"{RULES}/empty", body, headers={"If-Match": '"1"'}).json()
    assert (saved["in_force"], saved["parameters"]["least_units"], saved["policy"]["repeat_hours"]) == (
        2,
        5,
        12,
    )
    versions = owner.get(f"{RULES}/empty/versions").json()["data"]
    assert [(each["number"], each["parameters"]["least_units"]) for each in versions] == [(2, 5), (1, 3)]
    active = owner.post(f"{RULES}/empty/activation", headers={"If-Match": '"2"'})
    assert active.status_code == 200, active.content
    trial = active.json()["trial"]
    assert trial["text"] == "It would have fired 1 times in 90 days."
    assert trial["episodes"][0]["subject"] == "sku:MUG"
    shown = owner.get(RULES, {"is_active": "true", "detector": "stock_zero"}).json()["data"]
    assert [each["key"] for each in shown] == ["empty"]
    done = owner.post(f"{RULES}/empty/deactivation", {"reason": "Enough."}, headers={"If-Match": '"3"'})
    assert done.json()["is_active"] is False


def test_all_faults_of_a_rule_are_told_at_once_and_nothing_is_saved(
    shop: Shop, owner: ValidatingClient
) -> None:
    """An unknown parameter, one out of range, a store of nobody, a policy that contradicts itself."""
    wrong = {
        **EMPTY,
        "parameters": {"history_days": 0, "shelf": "A"},
        "store_ids": [shop.id, 999_999],
        "policy": {"breaches": 3, "of_checks": 2},
    }
    response = owner.post(RULES, wrong)
    assert response.status_code == 422
    assert {each["pointer"] for each in response.json()["errors"]} == {
        "/parameters/history_days",
        "/parameters/shelf",
        "/store_ids/1",
        "/policy/breaches",
    }
    unknown = owner.post(RULES, {**EMPTY, "detector": "kpi_threshold", "parameters": {"kpi": "no_such_kpi"}})
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["pointer"] == "/parameters/kpi"
    assert not AlertRule.objects.exists()


def test_a_required_rule_that_reaches_nobody_is_refused(
    shop: Shop, owner: ValidatingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """422 on activation and on making an active rule required (L10); the rule stays as it was."""
    monkeypatch.setattr("alerts.services.rules.reachable_recipients", lambda rule: 0)
    made(owner, is_required=True)
    refused = owner.post(f"{RULES}/empty/activation", headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["code"]) == (422, "nobody_reachable")
    assert not AlertRule.objects.get().is_active
    made(owner, key="other")
    assert owner.post(f"{RULES}/other/activation", headers={"If-Match": '"1"'}).status_code == 200
    body = {"title": "Other", "is_required": True}
    refused = owner.put(f"{RULES}/other", body, headers={"If-Match": '"2"'})
    assert refused.status_code == 422
    assert AlertRuleVersion.objects.filter(rule__key="other").count() == 1


def test_who_was_slower_or_may_not_changes_nothing(
    shop: Shop, owner: ValidatingClient, as_role: Callable[..., ValidatingClient]
) -> None:
    """A stale ETag is refused, a key is taken once, a viewer may not write."""
    made(owner)
    assert owner.put(f"{RULES}/empty", {"title": "x"}, headers={"If-Match": '"7"'}).status_code == 412
    assert owner.put(f"{RULES}/empty", {"title": "x"}).status_code == 428
    assert owner.post(RULES, EMPTY).status_code == 409
    viewer = as_role(Role.CLIENT_VIEWER)
    assert viewer.post(RULES, {**EMPTY, "key": "mine"}).status_code == 403
    assert viewer.post(f"{RULES}:install", {}).status_code == 403
    assert list(AlertRule.objects.values_list("key", "version")) == [("empty", 1)]


def test_a_rule_is_tried_before_it_is_saved(shop: Shop, owner: ValidatingClient) -> None:
    """By its document or its key; a detector without history says why; nothing is written."""
    InventoryDay.objects.filter(store_id=shop.id, snapshot_on=TODAY - timedelta(days=9)).update(fulfillable=0)
    draft = {"detector": "stock_zero", "rule": {"title": "Empty"}, "days": 30}
    tried = owner.post(f"{RULES}:backtest", draft).json()
    assert (tried["fired"], tried["days"], tried["is_possible"]) == (1, 30, True)
    assert not AlertRule.objects.exists()
    made(owner)
    assert owner.post(f"{RULES}:backtest", {"key": "empty"}).json()["fired"] == 1
    blind = owner.post(f"{RULES}:backtest", {"detector": "stale_data", "rule": {"title": "Late"}}).json()
    assert (blind["is_possible"], blind["fired"]) == (False, 0)
    assert owner.post(f"{RULES}:backtest", {}).status_code == 422
    assert not Alert.objects.exists()


def test_the_library_comes_in_one_call(shop: Shop, owner: ValidatingClient) -> None:
    """With an owner to hear of them all are in force; of an unknown key nothing is installed."""
    assert owner.post(f"{RULES}:install", {"keys": ["data-late", "no-such"]}).status_code == 422
    assert not AlertRule.objects.exists()
    installed = owner.post(f"{RULES}:install", {}).json()
    assert "data-late" in installed["active"]
    assert installed["waiting"] == []
    again = owner.post(f"{RULES}:install", {}).json()
    assert set(again["present"]) == set(installed["active"])
