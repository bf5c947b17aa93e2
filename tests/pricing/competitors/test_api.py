"""Competitors through HTTP, every answer held to the OpenAPI description and to its boundary."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors import models as c
from connectors.types import StoreRef
from pricing.models import PermittedSource, PriceObservation, SisterSeller, SourcedOffer
from tenants.context import use_public, use_tenant
from tenants.ledger.models import AuditEntry
from tenants.models import FXRate
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.pricing.competitors.stored import AT, make_market

BASE = "/api/v1/clients/acme"
SISTER = {"seller_id": "R", "platform": "amazon_sp", "relation": "partner", "note": "distributor"}
SOURCE = {
    "key": "panel",
    "market": "US",
    "title": "Price panel",
    "basis": "licensed_data",
    "reference": "Contract 2026-014",
    "allowed_on": "2026-01-01",
}


def get(client: ValidatingClient, path: str, **query: Any) -> dict[str, Any]:
    """The body of a successful GET, which says its boundary."""
    response = client.get(f"{BASE}/{path}", query)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    assert body["boundary"] == "suggestion_only"
    return body


def offers(store: StoreRef, **changes: Any) -> dict[str, Any]:
    """A hand-entered offer."""
    offer = {
        "product_id": "P",
        "seller_id": "shop-42",
        "observed_at": "2026-08-14T10:00:00Z",
        "price": {"amount": "18.00", "currency": "USD"},
        "shipping": {"amount": "1.50", "currency": "USD"},
        "pack_size": 1,
    }
    return {"store_id": store.id, "source": "panel", "offers": [{**offer, **changes}]}


def test_rivals_are_shown_with_what_was_left_out(owner: ValidatingClient, shop: StoreRef) -> None:
    """Counted and dropped offers stand side by side, each with its reason."""
    body = get(owner, f"stores/{shop.id}/listings/TENT/rivals")
    assert (body["count"], body["lowest"]) == (2, {"amount": "20.00", "currency": "USD"})
    assert (body["own_landed"]["amount"], body["is_own_featured"]) == ("22.00", False)
    assert body["dropped"] == {"other_condition": 1, "own_offer": 1}
    why = {offer["seller_id"]: offer["dropped_because"] for offer in body["offers"]}
    assert why == {"ME": "own_offer", "R": None, "R2": None, "RENEWED": "other_condition"}
    missing = owner.get(f"{BASE}/stores/{shop.id}/listings/NONE/rivals")
    assert missing.status_code == 404


def test_buy_box_advice_names_the_matching_price_and_the_floor(
    owner: ValidatingClient, shop: StoreRef
) -> None:
    """The featured offer is at 20, ours at 22: the price may help, and one that matches is named."""
    body = get(owner, f"stores/{shop.id}/listings/TENT/buy-box")
    assert body["matching_price"] == {"amount": "20.00", "currency": "USD"}
    assert (body["featured"]["amount"], body["gap"]) == ("20.00", "0.100000")
    assert body["verdict"] in ("price_can_help", "price_cannot_win")
    assert body["reasons"]
    assert owner.get(f"{BASE}/stores/{shop.id}/listings/NONE/buy-box").status_code == 404


def test_buy_box_advice_reads_the_account_and_the_views(
    owner: ValidatingClient, shop: StoreRef, acme: ClientRef
) -> None:
    """A bad defect rate is named with its limit; only its newest report counts; the share is of last week."""
    kept = {"store_id": shop.id, "run_id": 0, "source_updated_at": AT, "ingested_at": AT}
    with use_tenant(acme):
        for ago, rate in ((9, "0.001"), (1, "0.021")):
            day = AT.date() - timedelta(days=ago)
            c.Performance.objects.create(
                **kept,
                metric="odr",
                scope="AFN",
                reported_on=day,
                window_start_on=day,
                window_end_on=day,
                rate=Decimal(rate),
                target=Decimal("0.01"),
                target_condition="LESS_THAN",
                status="",
            )
        for ago, share, views in ((1, "0.5", 30), (2, "1", 10), (20, "1", 900)):
            c.TrafficDay.objects.create(
                **kept,
                business_on=AT.date() - timedelta(days=ago),
                product_id="P",
                sku="TENT",
                sessions=views,
                page_views=views,
                buy_box_share=Decimal(share),
                units_ordered=0,
                orders=0,
                currency="USD",
                ordered_sales_amount=0,
            )
    body = get(owner, f"stores/{shop.id}/listings/TENT/buy-box")
    assert body["verdict"] == "price_cannot_win"
    (metric,) = [reason for reason in body["reasons"] if reason["code"] == "seller_metrics"]
    assert Decimal(metric["values"]["rate"]) == Decimal("0.021")
    assert body["featured_share"] == "0.625000"


def test_bands_carry_their_sample(owner: ValidatingClient, shop: StoreRef) -> None:
    """Given edges, our place, the index over one product without an interval, and a warning on the sample."""
    body = get(owner, "price-bands", store=shop.id, edges="21,24")
    assert [(band["count"], band["own_count"]) for band in body["bands"]] == [(1, 0), (0, 1), (1, 0)]
    assert (body["sample"], body["is_enough"], body["below_own"]) == (2, False, "0.500000")
    assert body["competitiveness"] == {"sample": 1, "index": "1.100000", "low": None, "high": None}
    assert len(get(owner, "price-bands", store=shop.id, parts=2)["bands"]) <= 2
    assert get(owner, "price-bands", store=shop.id, category="none")["sample"] == 0
    for edges in ("x", "-1", "0", "NaN", ",".join(str(n) for n in range(1, 43))):
        refused = owner.get(f"{BASE}/price-bands?store={shop.id}&edges={edges}")
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "edges")


def test_a_registered_partner_is_no_rival_until_switched_off(
    owner: ValidatingClient, shop: StoreRef, acme: ClientRef
) -> None:
    """Registering takes effect at once, is audited and done once; switching off needs the version."""
    made = owner.post(f"{BASE}/sister-sellers", SISTER)
    assert made.status_code == 201, made.content
    assert get(owner, f"stores/{shop.id}/listings/TENT/rivals")["lowest"]["amount"] == "25.00"
    assert owner.post(f"{BASE}/sister-sellers", SISTER).status_code == 409
    path = made["Location"]
    change = {"is_active": False, "note": "gone"}
    assert owner.patch(path, change).status_code == 428
    assert owner.patch(path, change, headers={"If-Match": '"7"'}).status_code == 412
    changed = owner.patch(path, change, headers={"If-Match": made["ETag"]})
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    assert get(owner, f"stores/{shop.id}/listings/TENT/rivals")["lowest"]["amount"] == "20.00"
    assert owner.get(f"{BASE}/sister-sellers", {"active": "true"}).json()["data"] == []
    with use_tenant(acme):
        verbs = (
            AuditEntry.objects.filter(target_type="sister_seller")
            .order_by("id")
            .values_list("verb", flat=True)
        )
        assert list(verbs) == ["sister_seller.registered", "sister_seller.changed"]


def test_an_offer_from_a_permitted_source_counts_and_one_from_elsewhere_is_refused(
    owner: ValidatingClient, shop: StoreRef, acme: ClientRef
) -> None:
    """Refused before the source is permitted, counted after it, and gone when the permission is."""
    refused = owner.post(f"{BASE}/competitor-offers", offers(shop))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/source")
    with use_tenant(acme):
        assert not SourcedOffer.objects.exists()
    permitted = owner.post(f"{BASE}/price-sources", SOURCE)
    assert permitted.status_code == 201, permitted.content
    for recorded, unchanged in ((1, 0), (0, 1)):
        done = owner.post(f"{BASE}/competitor-offers", offers(shop))
        assert done.status_code == 201, done.content
        assert (done.json()["recorded"], done.json()["unchanged"]) == (recorded, unchanged)
    body = get(owner, f"stores/{shop.id}/listings/TENT/rivals")
    assert (body["lowest"]["amount"], body["count"]) == ("19.50", 3)
    withdrawn = owner.patch(
        permitted["Location"],
        {"is_active": False, "reference": "withdrawn"},
        headers={"If-Match": permitted["ETag"]},
    )
    assert withdrawn.status_code == 200
    body = get(owner, f"stores/{shop.id}/listings/TENT/rivals")
    assert (body["lowest"]["amount"], body["dropped"]["source_not_permitted"]) == ("20.00", 1)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"product_id": "OTHER"}, "/offers/0/product_id"),
        ({"seller_id": " "}, "/offers/0/seller_id"),
        ({"condition": "odd"}, "/offers/0/condition"),
        ({"observed_at": "2026-08-14T12:00:01Z"}, "/offers/0/observed_at"),
        ({"observed_at": "2026-07-01T00:00:00Z"}, "/offers/0/observed_at"),
        ({"price": {"amount": "200", "currency": "MXN"}}, "/offers/0/price/currency"),
        ({"price": {"amount": "-1.00", "currency": "USD"}}, "/offers/0/price"),
        ({"pack_size": 0}, "/offers/0/pack_size"),
    ],
)
def test_a_faulty_offer_is_refused_by_its_place(
    owner: ValidatingClient, shop: StoreRef, acme: ClientRef, changes: dict[str, Any], pointer: str
) -> None:
    """The pointer names the value, and nothing is stored."""
    with use_tenant(acme):
        PermittedSource.objects.create(**SOURCE, recorded_at=AT, recorded_by="t")
    refused = owner.post(f"{BASE}/competitor-offers", offers(shop, **changes))
    assert refused.status_code == 422, refused.content
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    with use_tenant(acme):
        assert not SourcedOffer.objects.exists()


def test_who_may_not_decide_on_sources_changes_nothing(
    as_role: Callable[..., ValidatingClient], shop: StoreRef, acme: ClientRef
) -> None:
    """Operators enter offers and read; sisters and sources are the manager's. A viewer sees no rivals."""
    operator, viewer = as_role(Role.OPERATOR), as_role(Role.CLIENT_VIEWER)
    assert operator.post(f"{BASE}/price-sources", SOURCE).status_code == 403
    assert operator.post(f"{BASE}/sister-sellers", SISTER).status_code == 403
    assert operator.get(f"{BASE}/stores/{shop.id}/listings/TENT/rivals").status_code == 200
    assert viewer.get(f"{BASE}/stores/{shop.id}/listings/TENT/rivals").status_code == 403
    with use_tenant(acme):
        assert not PermittedSource.objects.exists()
        assert not SisterSeller.objects.exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-Hans", "不协助"), ("ja", "協力しません"), ("es", "No ayudamos"), ("en", "We do not help")],
)
def test_a_refused_request_is_answered_in_the_language_of_the_caller(
    owner: ValidatingClient, shop: StoreRef, language: str, words: str
) -> None:
    """The policy and the lawful way; and a plain request passes."""
    headers = {"Accept-Language": language}
    body = owner.post(f"{BASE}/price-advice:check", {"text": "这个链接刷单"}, headers=headers).json()
    assert (body["is_refused"], body["code"], body["boundary"]) == (True, "fake_reviews", "suggestion_only")
    assert words in body["message"]
    assert body["alternative"]
    plain = owner.post(f"{BASE}/price-advice:check", {"text": "Lower it by 3 %."}).json()
    assert (plain["is_refused"], plain["code"]) == (False, None)


def test_a_note_that_asks_for_what_is_refused_is_not_kept(
    owner: ValidatingClient, shop: StoreRef, acme: ClientRef
) -> None:
    """Free text of pricing goes through the policy too."""
    note = {**SISTER, "note": "they do our 刷单"}
    refused = owner.post(f"{BASE}/sister-sellers", note, headers={"Accept-Language": "es"})
    assert (refused.status_code, refused.json()["code"]) == (422, "refused")
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/note", "fake_reviews")
    assert error["detail"].startswith("No ayudamos")
    with use_tenant(acme):
        assert not SisterSeller.objects.exists()


def observe(store: StoreRef, *prices: tuple[int, str], sku: str = "TENT", kind: str = "listing") -> None:
    """Prices that a sync saw so many days before now."""
    for ago, amount in prices:
        at = AT - timedelta(days=ago)
        PriceObservation.objects.create(
            store_id=store.id,
            sku=sku,
            kind=kind,
            amount=Decimal(amount),
            currency=store.currency,
            observed_at=at,
            business_on=at.date(),
            is_change=False,
            run_id=0,
            noted_at=at,
        )


def test_independent_markets_have_no_findings(
    owner: ValidatingClient, shop: StoreRef, acme: ClientRef
) -> None:
    """One market has nothing to follow; the days asked for are told."""
    with use_tenant(acme):
        observe(shop, (30, "22"))
    assert get(owner, "price-independence", days=30) == {
        "days": 30,
        "derived": [],
        "references": [],
        "boundary": "suggestion_only",
    }


def test_a_market_that_follows_another_is_found(
    owner: ValidatingClient, shop: StoreRef, acme: ClientRef
) -> None:
    """Yen that are the dollars of the day at the reference rate, three times in a row."""
    with use_public():
        FXRate.objects.bulk_create(
            FXRate(currency=currency, rate_on=AT.date() - timedelta(days=ago), per_eur=Decimal(per_eur))
            for ago in range(60)
            for currency, per_eur in (("USD", "1"), ("JPY", str(150 + ago % 7)))
        )
    with use_tenant(acme):
        japan = make_market("JP", "JPY")
        observe(shop, (40, "20"), (30, "22"), (20, "19"))
        yen = [
            (ago - 1, str(Decimal(price) * (150 + (ago - 1) % 7)))
            for ago, price in ((40, 20), (30, 22), (20, 19))
        ]
        observe(japan, *yen)
    (found,) = get(owner, "price-independence")["derived"]
    assert (found["market"], found["from_market"], found["matches"]) == ("JP", "US", 3)


def test_a_price_is_checked_against_its_observed_history(
    owner: ValidatingClient, shop: StoreRef, acme: ClientRef
) -> None:
    """A former price that stood for four weeks is proved, one nobody asked is not; the rest is told too."""
    path = f"{BASE}/stores/{shop.id}/listings/TENT/price-checks"
    with use_tenant(acme):
        observe(shop, (60, "25"), (10, "22"))

    def asked(**changes: Any) -> dict[str, Any]:
        response = owner.post(path, {"price": usd("20.00"), **changes})
        assert response.status_code == 200, response.content
        body: dict[str, Any] = response.json()
        assert body["boundary"] == "suggestion_only"
        return body

    assert asked()["checks"] == []
    assert asked(reference_price=usd("25.00"))["is_blocked"] is False
    unproved = asked(reference_price=usd("30.00"), external_price=usd("19.00"))
    assert [(check["code"], check["blocks"]) for check in unproved["checks"]] == [
        ("us_former_price", True),
        ("amazon_external_price", False),
    ]
    assert unproved["is_blocked"] is True
    refused = owner.post(path, {"price": {"amount": "2000", "currency": "JPY"}})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/price/currency")


def usd(amount: str) -> dict[str, str]:
    """Dollars."""
    return {"amount": amount, "currency": "USD"}
