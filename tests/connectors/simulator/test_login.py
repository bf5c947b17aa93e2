"""Login and admission: who is let in, and in which words the others are refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from connectors.simulator.testing import Running
from tests.connectors.simulator.caller import ADS_TYPE, Caller

ORDERS = "/orders/2026-01-01/orders"
PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"


def test_a_refresh_token_buys_an_hour(caller: Callable[[str], Caller]) -> None:
    """The answer holds what Amazon's holds."""
    body = caller("harbor-us").login().json()
    assert set(body) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (body["token_type"], body["expires_in"]) == ("bearer", 3600)


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"refresh_token": "Atzr|nobody"}, 400, "invalid_grant"),
        ({"client_id": "amzn1.application-oa2-client.none"}, 401, "invalid_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
    ],
)
def test_bad_logins_are_refused_like_amazon(
    caller: Callable[[str], Caller], changes: dict[str, str], status: int, error: str
) -> None:
    """Status, error, description and request id."""
    answer = caller("harbor-us").login(**changes)
    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert {"error_description", "request_id"} <= set(answer.json())


def test_another_clients_refresh_token_is_refused(caller: Callable[[str], Caller]) -> None:
    """A token belongs to the application it was given to."""
    other = caller("kumo-us").store.account.refresh_tokens["na"]
    assert caller("harbor-us").login(refresh_token=other).json()["error"] == "invalid_grant"


def test_an_access_token_runs_out(sim: Running, caller: Callable[[str], Caller]) -> None:
    """After an hour of the simulator's clock it is 403 with the reason, and a new one helps."""
    one = caller("harbor-us")
    assert one.get(PARTICIPATIONS).status_code == 200
    sim.simulator.clock.advance(timedelta(minutes=61))
    late = one.get(PARTICIPATIONS)
    assert late.status_code == 403
    assert late.json()["errors"][0]["code"] == "Unauthorized"
    assert "expired" in late.json()["errors"][0]["details"]
    one.forget()
    assert one.get(PARTICIPATIONS).status_code == 200


def test_a_revoked_grant_ends_tokens_and_refreshing(caller: Callable[[str], Caller]) -> None:
    """Only the revoked region and API stop; the other stores go on."""
    one, other = caller("harbor-us"), caller("harbor-jp")
    assert one.get(PARTICIPATIONS).status_code == 200
    order = {"kind": "revoke_token", "account": "harbor", "region": "na", "api": "sp"}
    assert one.http.post("/_sim/faults", json=order).status_code == 200
    assert one.get(PARTICIPATIONS).status_code == 403
    assert one.login().json()["error"] == "invalid_grant"
    assert one.login("ads").status_code == 200
    assert other.get(PARTICIPATIONS).status_code == 200


def test_missing_token_user_agent_and_wrong_api_are_refused(caller: Callable[[str], Caller]) -> None:
    """A token of the advertising API opens nothing of the Selling Partner API."""
    one = caller("harbor-us")
    assert one.http.get(PARTICIPATIONS).status_code == 403
    ads_token = one.headers("ads")["authorization"].removeprefix("Bearer ")
    assert one.http.get(PARTICIPATIONS, headers={"x-amz-access-token": ads_token}).status_code == 403
    assert one.http.get(PARTICIPATIONS, headers={**one.headers(), "user-agent": ""}).status_code == 400


def test_a_foreign_marketplace_is_denied(caller: Callable[[str], Caller]) -> None:
    """A North American token does not open the Japanese store, nor another seller's listings."""
    one = caller("harbor-us")
    japan = caller("harbor-jp")
    query = {"marketplaceIds": japan.marketplace, "createdAfter": "2026-11-01T00:00:00Z"}
    assert one.get(ORDERS, **query).status_code == 403
    foreign = caller("kumo-us").store.seller_id
    path = f"/listings/2021-08-01/items/{foreign}"
    assert one.get(path, marketplaceIds=one.marketplace).status_code == 403


def test_advertising_wants_client_scope_and_content_type(caller: Callable[[str], Caller]) -> None:
    """Each missing or wrong header is refused in the advertising API's shape."""
    one = caller("harbor-us")
    good = one.headers("ads")
    assert one.http.get("/v2/profiles", headers=good).status_code == 200
    for name in ("authorization", "amazon-advertising-api-clientid"):
        answer = one.http.get("/v2/profiles", headers={k: v for k, v in good.items() if k != name})
        assert answer.status_code == 401
        assert answer.json()["code"] == "UNAUTHORIZED"
    wrong = {**good, "amazon-advertising-api-scope": "1", "content-type": ADS_TYPE}
    assert one.http.post("/reporting/reports", content="{}", headers=wrong).status_code == 401
    plain = {**good, "content-type": "application/json"}
    assert one.http.post("/reporting/reports", content="{}", headers=plain).status_code == 415
