"""Can a client's platforms be connected over HTTP without a credential ever coming back?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.engine.errors import AttentionNeeded
from connectors.models import Store, StoreConnection
from connectors.services.connections import mark_attention
from connectors.services.credentials import open_credential
from connectors.types import StoreRef
from tenants.context import use_tenant
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.connectors.api.conftest import BASE
from tests.connectors.fakes import FakePlatform, rows
from tests.connectors.test_sync import run

CONNECTION = {
    "platform": "fake",
    "name": "Fake North America",
    "account": {"seller_id": "S-1"},
    "credential": {"client_id": "app", "refresh_token": "Atzr|very-secret"},
}


@pytest.fixture
def connection(operator: ValidatingClient) -> dict[str, Any]:
    """A connection made over HTTP."""
    answer = operator.post(f"{BASE}/connections", CONNECTION)
    assert answer.status_code == 201
    return dict(answer.json())


def test_a_credential_goes_in_and_never_out(
    operator: ValidatingClient, acme: ClientRef, connection: dict[str, Any]
) -> None:
    """It is sealed, and no answer holds it; the platform's write-scope warning stays on the connection."""
    assert connection["warnings"][0]["code"] == "write_scope"
    for path in ("connections", f"connections/{connection['id']}", "audit"):
        answer = operator.get(f"{BASE}/{path}")
        assert b"very-secret" not in answer.content
    with use_tenant(acme):
        blob = bytes(StoreConnection.objects.get().credential or b"")
        assert b"very-secret" not in blob
        assert open_credential(connection_id=connection["id"])["refresh_token"].reveal() == "Atzr|very-secret"


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"credential": {"client_id": "app"}}, {"/credential/refresh_token"}),
        ({"credential": {**CONNECTION["credential"], "x": "y"}}, {"/credential/x"}),  # type: ignore[dict-item]
        ({"account": {}}, {"/account/seller_id"}),
        ({"name": ""}, {"/name"}),
        ({"colour": "red"}, {"/colour"}),
    ],
)
def test_fields_are_checked_against_the_platform(
    operator: ValidatingClient, acme: ClientRef, change: dict[str, Any], pointers: set[str]
) -> None:
    """Missing and unknown fields are named, values are not repeated, nothing is stored."""
    answer = operator.post(f"{BASE}/connections", {**CONNECTION, **change})
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == pointers
    assert b"very-secret" not in answer.content
    with use_tenant(acme):
        assert not StoreConnection.objects.exists()


def test_an_unknown_platform_names_the_known_ones(operator: ValidatingClient) -> None:
    """So that the caller can choose."""
    answer = operator.post(f"{BASE}/connections", {**CONNECTION, "platform": "nowhere"})
    assert answer.status_code == 422
    assert "fake" in answer.json()["remedy"]


def test_a_change_needs_the_version_read(
    operator: ValidatingClient, acme: ClientRef, connection: dict[str, Any]
) -> None:
    """428 without If-Match, 412 with an old one, and neither changes anything."""
    url = f"{BASE}/connections/{connection['id']}"
    assert operator.patch(url, {"name": "New"}, format="json").status_code == 428
    etag = operator.get(url)["ETag"]
    changed = operator.patch(
        url, {"name": "New", "state": "revoked"}, format="json", headers={"If-Match": etag}
    )
    assert (changed.status_code, changed.json()["name"], changed.json()["state"]) == (200, "New", "revoked")
    stale = operator.patch(url, {"name": "Old"}, format="json", headers={"If-Match": etag})
    assert stale.status_code == 412
    assert operator.get(url).json()["name"] == "New"


def test_a_new_credential_ends_the_need_for_attention(
    operator: ValidatingClient, acme: ClientRef, connection: dict[str, Any]
) -> None:
    """Not so a mere change of state."""
    with use_tenant(acme):
        error = AttentionNeeded("revoked", reason="invalid_grant")
        mark_attention(connection_id=connection["id"], stream="orders", error=error)
    url = f"{BASE}/connections/{connection['id']}"
    shown = operator.get(url)
    assert (shown.json()["state"], shown.json()["attention"]["code"]) == ("needs_attention", "invalid_grant")
    refused = operator.patch(url, {"state": "active"}, format="json", headers={"If-Match": shown["ETag"]})
    assert refused.status_code == 409
    rotated = operator.post(f"{url}/credential", {"credential": CONNECTION["credential"]})
    assert (rotated.status_code, rotated.json()["state"]) == (200, "active")


def test_stores_are_attached_once(operator: ValidatingClient, connection: dict[str, Any]) -> None:
    """The marketplace gives market, currency and clock; a second time is a conflict."""
    url = f"{BASE}/connections/{connection['id']}/stores"
    made = operator.post(url, {"marketplace_id": "FAKE-JP", "backfill_days": 30})
    assert made.status_code == 201
    body = made.json()
    assert (body["market"], body["currency"], body["time_zone"]) == ("JP", "JPY", "Asia/Tokyo")
    assert {stream["state"] for stream in body["streams"]} == {"never"}
    assert operator.post(url, {"marketplace_id": "FAKE-JP"}).status_code == 409
    assert operator.post(url, {"marketplace_id": "FAKE-XX"}).status_code == 422
    assert operator.post(url, {}).status_code == 422
    assert [store["id"] for store in operator.get(f"{BASE}/stores").json()["data"]] == [body["id"]]
    assert operator.get(f"{BASE}/stores/{body['id']}").json() == body


def test_advertising_feeds_a_store(
    operator: ValidatingClient, acme: ClientRef, connection: dict[str, Any]
) -> None:
    """An advertising connection has no stores of its own; its streams become the store's."""
    store = operator.post(
        f"{BASE}/connections/{connection['id']}/stores", {"marketplace_id": "FAKE-US"}
    ).json()
    ads = operator.post(
        f"{BASE}/connections",
        {**CONNECTION, "platform": "fake_ads", "account": {"profile_id": "1"}},
    ).json()
    url = f"{BASE}/connections/{ads['id']}/stores"
    assert operator.post(url, {"marketplace_id": "FAKE-US"}).status_code == 422
    attached = operator.post(url, {"store_id": store["id"]})
    assert attached.status_code == 201
    assert "campaigns" in {stream["stream"] for stream in attached.json()["streams"]}
    wrong = operator.post(f"{BASE}/connections/{connection['id']}/stores", {"store_id": store["id"]})
    assert wrong.status_code == 422
    with use_tenant(acme):
        assert Store.objects.get().ads_connection_id == ads["id"]


def test_a_sync_is_started_watched_and_explained(
    operator: ValidatingClient, acme: ClientRef, store: StoreRef, platform: FakePlatform
) -> None:
    """202 with the job; then the run, its rejected rows and every call that left us can be read."""
    url = f"{BASE}/stores/{store.id}/syncs"
    started = operator.post(url, {"stream": "orders"})
    assert started.status_code == 202
    assert started["Location"] == f"{BASE}/jobs/{started.json()['id']}"
    assert operator.post(url, {"stream": "orders"}).json()["id"] == started.json()["id"]
    assert operator.post(url, {"stream": "nothing"}).status_code == 404
    platform.pages = [[*rows(3), {"order": "B", "bad": True}]]
    with use_tenant(acme):
        run(store)
    (shown,) = operator.get(url, {"stream": "orders"}).json()["data"]
    assert (shown["state"], shown["rows_read"], shown["rows_rejected"]) == ("succeeded", 4, 1)
    assert operator.get(f"{BASE}/sync-runs/{shown['id']}").json() == shown
    (rejected,) = operator.get(f"{BASE}/sync-runs/{shown['id']}/rejected").json()["data"]
    assert (rejected["pointer"], rejected["reason"]) == ("/orders/3", "no amount")
    calls = operator.get(f"{BASE}/outbound-calls", {"operation": "list_orders"}).json()["data"]
    assert [(call["host"], call["path"], call["status"]) for call in calls] == [
        ("api.fake.example", "/orders", 200)
    ]
    streams = operator.get(f"{BASE}/stores/{store.id}/streams").json()["data"]
    assert next(s for s in streams if s["stream"] == "orders")["covered_through"] == "2026-08-01"


def test_the_capability_matrix_tells_fields_and_streams(operator: ValidatingClient) -> None:
    """From the specifications themselves."""
    data = {platform["key"]: platform for platform in operator.get(f"{BASE}/platforms").json()["data"]}
    fake = data["fake"]
    assert fake["credential_fields"] == ["client_id", "refresh_token"]
    assert {stream["key"]: stream["cadence_seconds"] for stream in fake["streams"]}["orders"] == 3600
    assert {"amazon_sp", "amazon_ads"} <= set(data)


@pytest.mark.parametrize("role", [Role.CLIENT_VIEWER, Role.ANALYST])
def test_a_denied_caller_changes_nothing(
    as_role: Callable[..., ValidatingClient], acme: ClientRef, redis: object, role: Role
) -> None:
    """403 for a role without the capability, and no connection is there afterwards."""
    assert as_role(role).post(f"{BASE}/connections", CONNECTION).status_code == 403
    with use_tenant(acme):
        assert not StoreConnection.objects.exists()


def test_a_foreign_client_does_not_exist(outsider: ValidatingClient, redis: object) -> None:
    """404, in the words of a client that is not there."""
    assert outsider.get(f"{BASE}/connections").status_code == 404
    assert outsider.post(f"{BASE}/connections", CONNECTION).status_code == 404
