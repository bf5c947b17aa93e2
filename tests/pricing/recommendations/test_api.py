"""Runs and suggestions over HTTP: asked for, followed event by event, explained, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from config.lib import clock
from pricing.models import PricingRun, Recommendation
from pricing.services.recommend import refresh
from tenants.context import use_tenant
from tenants.tasking import run_job_now
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.pricing.recommendations.shop import NOW, make_shop, put_in_force

BASE = "/api/v1/clients/acme"


@pytest.fixture
def shop(db: None, acme: ClientRef, redis: object) -> Iterator[int]:
    """A store of acme with eleven listings, three of which have a cheaper rival."""
    with clock.frozen(NOW):
        yield opened(acme, 11)


def opened(client: ClientRef, many: int) -> int:
    """A store of a client with listings and rules in force."""
    with use_tenant(client):
        store_id = make_shop(many)
        put_in_force()
    return store_id


def get(client: ValidatingClient, path: str, **query: Any) -> dict[str, Any]:
    """The body of a successful GET."""
    response = client.get(f"{BASE}/{path}", query)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def events(text: str) -> list[dict[str, Any]]:
    """The events of a stream's text, as an EventSource reads them."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append({"id": fields["id"], "event": fields["event"], **orjson.loads(fields["data"])})
    return found


def test_a_run_is_asked_for_done_and_followed(owner: ValidatingClient, shop: int, acme: ClientRef) -> None:
    """202 with run and job; then its items by outcome and reason, and its events, resumed and ended."""
    asked = owner.post(f"{BASE}/pricing-runs", {"store_id": shop})
    assert asked.status_code == 202, asked.content
    run = asked.json()["run"]
    assert asked["Location"] == f"{BASE}/pricing-runs/{run['id']}"
    assert (run["state"], run["boundary"]) == ("waiting", "suggestion_only")
    stream = f"{BASE}/pricing-runs/{run['id']}/events"
    early = owner.get(stream)
    assert (early.status_code, early["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    assert early.content.decode() == "retry: 1000\n\n: waiting\n\n"
    with use_tenant(acme):
        run_job_now(run["job_id"], sleep=lambda _: None)
    shown = get(owner, f"pricing-runs/{run['id']}")
    assert (shown["state"], shown["done"], shown["suggested"], shown["held"]) == ("finished", 11, 3, 8)
    told = events(owner.get(stream).content.decode())
    assert [(each["id"], each["event"]) for each in told] == [
        ("1", "started"),
        ("2", "progress"),
        ("3", "finished"),
    ]
    assert told[-1]["suggested"] == 3
    rest = events(owner.get(stream, headers={"Last-Event-ID": "1"}).content.decode())
    assert rest == told[1:]
    over = owner.get(stream, headers={"Last-Event-ID": "3"})
    assert (over.status_code, over.content) == (204, b"")
    assert owner.get(stream, headers={"Last-Event-ID": "x"}).status_code == 400
    items = get(owner, f"pricing-runs/{run['id']}/items", outcome="suggest")["data"]
    assert [item["sku"] for item in items] == ["SKU-000001", "SKU-000006", "SKU-000011"]
    held = get(owner, f"pricing-runs/{run['id']}/items", reason="no_rule")["data"]
    assert len(held) == 8
    assert [each["id"] for each in get(owner, "pricing-runs", store=shop)["data"]] == [run["id"]]


def test_the_same_request_starts_one_run(owner: ValidatingClient, shop: int, acme: ClientRef) -> None:
    """Sent twice with one Idempotency-Key: one run; an unknown store: none."""
    key = {"Idempotency-Key": "once"}
    first = owner.post(f"{BASE}/pricing-runs", {"store_id": shop}, headers=key)
    second = owner.post(f"{BASE}/pricing-runs", {"store_id": shop}, headers=key)
    assert first.json() == second.json()
    assert owner.post(f"{BASE}/pricing-runs", {"store_id": 999}).status_code == 404
    with use_tenant(acme):
        assert PricingRun.objects.count() == 1


def test_suggestions_are_listed_and_explained(owner: ValidatingClient, shop: int, acme: ClientRef) -> None:
    """Live ones by filters and gain; one with reasons and moves; explained with trace and inputs."""
    with use_tenant(acme):
        refresh(store_id=shop)
    rows = get(owner, "price-recommendations", store=shop, sort="-gain")["data"]
    assert [row["sku"] for row in rows] == ["SKU-000011", "SKU-000006", "SKU-000001"]
    assert get(owner, "price-recommendations", min_gain="0")["data"] == []
    assert get(owner, "price-recommendations", state="expired")["data"] == []
    sparse = get(owner, "price-recommendations", sku="SKU-000001", fields="id,headline")["data"]
    assert set(sparse[0]) == {"id", "headline"}
    path = f"price-recommendations/{sparse[0]['id']}"
    body = get(owner, path)
    assert body["suggested"] == {"amount": "28.99", "currency": "USD"}
    assert {"approved", "rejected", "superseded"} <= set(body["available_transitions"])
    assert "trace" not in body
    whole = get(owner, path, explain="true")
    assert whole["reproduction"] == {"is_intact": True, "price": "28.99", "is_same": True}
    assert whole["inputs"]["context"]["rivals"]["lowest"] == "28.4900"
    assert [step["name"] for step in whole["trace"] if step["stage"] == "rule"] == ["rival_cheaper"] * 2


def test_nobody_sees_another_clients_prices(
    owner: ValidatingClient, shop: int, acme: ClientRef, globex: ClientRef
) -> None:
    """Ids of another client's rows answer 404 like ids of none, and change nothing."""
    other = opened(globex, 1)
    with use_tenant(globex):
        result = refresh(store_id=other)
        foreign = Recommendation.objects.get().pk
    for path in (f"price-recommendations/{foreign}", f"pricing-runs/{result.run_id}"):
        assert owner.get(f"{BASE}/{path}").status_code == 404
    for part in ("items", "events"):
        assert owner.get(f"{BASE}/pricing-runs/{result.run_id}/{part}").status_code == 404
    assert get(owner, "price-recommendations")["data"] == []


def test_ads_or_price_says_what_it_cannot_compare(owner: ValidatingClient, shop: int) -> None:
    """A listing without click figures: break-even is told, a choice is not; an unknown listing is a 404."""
    body = get(owner, f"stores/{shop}/listings/SKU-000001/ads-or-price")
    assert (body["best"], body["reasons"][0]["code"]) == (None, "no_click_data")
    assert body["break_even_acos"] == "0.407803"
    assert owner.get(f"{BASE}/stores/{shop}/listings/NONE/ads-or-price").status_code == 404
