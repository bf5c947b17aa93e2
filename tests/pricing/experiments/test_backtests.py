"""Backtests over HTTP and in workers: a small history by hand, where prices come from, and whose
elasticity."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.facts.inventory import InventoryDay
from connectors.facts.offers import OfferSnapshot
from connectors.facts.reach import RankDay
from pricing.engine.contribution import evaluate
from pricing.models import ListingProfile, PriceBacktest, PriceObservation, Recommendation
from pricing.rules.presets import PRESETS
from pricing.selectors.context import get_context
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.tasking import run_job_now
from tenants.types import ClientRef, JobState, Role
from tests.api.validating import ValidatingClient
from tests.pricing.experiments.worlds import DAY, TODAY, at_noon, sell
from tests.pricing.promotions.shops import BASE, NOW, PROVENANCE, cost, get, observe

TESTS = f"{BASE}/price-backtests"
DOCUMENT = PRESETS["source_document"].document


@pytest.fixture
def rivalled(shop: int, acme: ClientRef) -> int:
    """The shop in which a rival asks 27.00 for TENT on the last five days."""
    with use_tenant(acme):
        for n in range(1, 6):
            offer(shop, "27.00", n)
            stock(shop, n)
    return shop


def offer(store_id: int, price: str, days_ago: int) -> None:
    """A rival's offer for TENT, seen in the evening of a day."""
    day = TODAY - days_ago * DAY
    OfferSnapshot.objects.create(
        store_id=store_id, product_id="B0TENT", seller_id="RIVAL", is_own=False, condition="new",
        channel="platform", observed_at=at_noon(day) + timedelta(hours=6), business_on=day, currency="USD",
        price_amount=Decimal(price), shipping_amount=0, points_amount=0, landed_amount=Decimal(price),
        is_featured=True, **PROVENANCE,
    )  # fmt: skip


def stock(store_id: int, days_ago: int) -> None:
    """Plenty of TENT at the end of a day, and the seventh place of its category."""
    RankDay.objects.create(
        store_id=store_id, sku="TENT", product_id="B0TENT", business_on=TODAY - days_ago * DAY,
        category="tents", rank=7, **PROVENANCE,
    )  # fmt: skip
    InventoryDay.objects.create(
        store_id=store_id, sku="TENT", product_id="B0TENT", snapshot_on=TODAY - days_ago * DAY,
        fulfillable=500, inbound=0, reserved=0, unfulfillable=0, **PROVENANCE,
    )  # fmt: skip


def replayed(owner: ValidatingClient, store_id: int, **changes: Any) -> dict[str, Any]:
    """The backtest of TENT over the last days."""
    asked = {"store_id": store_id, "document": DOCUMENT, "skus": ["TENT"], "days": 5, **changes}
    made = owner.post(TESTS, asked)
    assert made.status_code == 201, made.content
    body: dict[str, Any] = made.json()
    return body


def test_five_days_by_hand(rivalled: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """From 30.00 against 27.00, 3 % a day until less than 5 % is between: 30.00, 29.10, 28.23 and then stay.

    Sales of each day are its own (9, 10 or 11), costs are today's: every contribution by hand. Nothing is
    suggested.
    """
    body = replayed(owner, rivalled)
    (item,) = body["items"]
    assert (body["state"], body["costs"], body["last_on"]) == ("finished", "today", "2026-09-30")
    assert [day["price"]["amount"] for day in item["days"]] == ["30.00", "29.10", "28.23", "28.23", "28.23"]
    assert {day["actual_price"]["amount"] for day in item["days"]} == {"30.00"}
    assert [day["outcome"] for day in item["days"]] == ["suggest", "suggest", "hold", "hold", "hold"]
    units = [Decimal(day["units"]) for day in item["days"]]
    assert units == [9 + n % 3 for n in range(23, 28)]
    with use_tenant(acme):
        structure = get_context(rivalled, "TENT").structure
        assert not Recommendation.objects.exists()
        assert AuditEntry.objects.filter(verb="price_backtest.requested").count() == 1
    for day, sold in zip(item["days"], units, strict=True):
        kept = evaluate(structure, Decimal(day["price"]["amount"])).contribution
        assert Decimal(day["contribution"]) == sold * kept
    summary = item["summary"]
    assert (summary["changes"], summary["elasticity_source"], summary["unpriced_days"]) == (2, "none", 0)
    assert summary["price_sources"] == {"observed": 5}
    assert Decimal(summary["contribution"]) == sum(Decimal(day["contribution"]) for day in item["days"])
    again = get(owner, f"price-backtests/{body['id']}", days="true")
    assert again["items"] == body["items"]
    assert get(owner, f"price-backtests/{body['id']}")["items"][0]["days"] is None


def test_the_elasticity_is_named(rivalled: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """Given by whoever asks; else that of the listing's profile; cheaper days then sell more."""
    given = replayed(owner, rivalled, elasticity="-2")["items"][0]
    assert (given["summary"]["elasticity"], given["summary"]["elasticity_source"]) == ("-2", "given")
    second = given["days"][1]
    expected = Decimal(9 + 24 % 3) * (Decimal(30) / Decimal("29.10")) ** 2
    assert abs(Decimal(second["units"]) - expected) < Decimal("0.0001")
    with use_tenant(acme):
        ListingProfile.objects.create(
            store_id=rivalled, sku="TENT", elasticity=Decimal("-1.5"), updated_at=NOW, updated_by="x"
        )
    stated = replayed(owner, rivalled)["items"][0]["summary"]
    assert (Decimal(stated["elasticity"]), stated["elasticity_source"]) == (Decimal("-1.5"), "stated")


def test_days_nobody_observed_take_the_price_of_their_sales(
    shop: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Prices seen only on the last two days: before, what a piece was sold at; a day without a sale has
    none."""
    with use_tenant(acme):
        PriceObservation.objects.all().delete()
        observe(shop, "TENT", "31", at_noon(TODAY - 2 * DAY))
    summary = replayed(owner, shop, days=30)["items"][0]["summary"]
    assert summary["price_sources"] == {"observed": 2, "order_lines": 26}
    assert (summary["unpriced_days"], summary["days"]) == (2, 28)


def test_several_listings_are_a_job_that_tells_each_ones_problem(
    rivalled: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """TENT is replayed, LAMP has no costs; best sellers are those that sold."""
    made = owner.post(
        TESTS, {"store_id": rivalled, "document": DOCUMENT, "skus": ["TENT", "LAMP"], "days": 5}
    )
    assert made.status_code == 202, made.content
    body = made.json()
    path = f"price-backtests/{body['backtest']['id']}"
    assert (get(owner, path)["state"], get(owner, path)["items"]) == ("running", [])
    with use_tenant(acme):
        assert run_job_now(body["job"]["id"], sleep=lambda _: None).state is JobState.SUCCEEDED
    found = get(owner, path)
    tent, lamp = found["items"]
    assert (found["state"], tent["summary"]["changes"], tent["problem"]) == ("finished", 2, None)
    assert (lamp["summary"], "Nobody knows" in lamp["problem"]) == (None, True)
    best = owner.post(TESTS, {"store_id": rivalled, "document": DOCUMENT, "days": 5})
    assert (best.status_code, best.json()["skus"]) == (201, ["TENT"]), best.content
    assert len(get(owner, "price-backtests", store=rivalled)["data"]) == 2


def test_saved_rule_sets_are_replayed_by_key_and_version(
    rivalled: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """A draft is as good as one in force; the version that was replayed is told."""
    saved = owner.post(f"{BASE}/rule-sets", {"key": "follow", "document": DOCUMENT})
    assert saved.status_code == 201
    asked = {"store_id": rivalled, "rule_set": "follow", "skus": ["TENT"], "days": 5}
    body = owner.post(TESTS, asked).json()
    assert (body["rule_set"], body["rule_set_version"], body["items"][0]["summary"]["changes"]) == (
        "follow",
        1,
        2,
    )
    assert owner.post(TESTS, {**asked, "version": 7}).status_code == 404
    assert [row["id"] for row in get(owner, "price-backtests", rule_set="follow")["data"]] == [body["id"]]


def test_what_cannot_be_replayed_is_refused_and_nothing_is_noted(
    shop: int,
    other_us: int,
    owner: ValidatingClient,
    acme: ClientRef,
    globex: ClientRef,
    as_role: Callable[..., ValidatingClient],
) -> None:
    """Neither or both of document and key, faults of a document, unknown or another client's; too many
    days."""
    asked = {"store_id": shop, "document": DOCUMENT, "skus": ["TENT"]}
    assert owner.post(TESTS, {"store_id": shop, "skus": ["TENT"]}).status_code == 422
    assert owner.post(TESTS, {**asked, "rule_set": "x"}).status_code == 422
    bad = owner.post(TESTS, {**asked, "document": {"rules": []}})
    assert bad.status_code == 422
    assert all(each["pointer"].startswith("/document") for each in bad.json()["errors"])
    assert owner.post(TESTS, {**asked, "days": 91}).status_code == 422
    assert owner.post(TESTS, {**asked, "skus": [f"S{n}" for n in range(51)]}).status_code == 422
    assert owner.post(TESTS, {**asked, "skus": ["GONE"]}).status_code == 404
    assert owner.post(TESTS, {**asked, "store_id": 999_999}).status_code == 404
    assert as_role(Role.CLIENT_VIEWER).post(TESTS, asked).status_code == 403
    with use_tenant(globex):
        cost(other_us)
        sell(other_us, TODAY - DAY, 3)
        theirs = PriceBacktest.objects.create(
            id=8_301, store_id=other_us, document={}, skus=["TENT"], days=1, last_on=TODAY,
            requested_at=NOW, requested_by="x",
        )  # fmt: skip
    assert owner.get(f"{TESTS}/{theirs.pk}").status_code == 404
    with use_tenant(acme):
        assert not PriceBacktest.objects.exists()
