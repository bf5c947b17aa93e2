"""Price facts over HTTP: stated and withdrawn by kind, and the effective price and evidence they come to."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.lib.calendars import day_bounds
from connectors.selectors.stores import get_store
from pricing.models import PriceFact, PriceObservation
from pricing.selectors.price_evidence import load_history
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.pricing.promotions.shops import BASE, NOW, get, observe, see

DAY = timedelta(days=1)
USD = {"currency": "USD"}
COUPON: dict[str, Any] = {
    "sku": "TENT",
    "kind": "coupon",
    "from_at": "2026-10-01T00:00:00Z",
    "share": "0.10",
    "fee_amount": {"amount": "0.60", **USD},
    "use_share": "0.25",
    "source": "coupon page",
}


def at_noon(day: date) -> datetime:
    """Noon of a shop day in Los Angeles."""
    return day_bounds(day, "America/Los_Angeles")[0] + timedelta(hours=12)


def test_facts_come_to_an_effective_price_and_withdrawn_ones_do_not(
    us: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """The listing shows 30.00: a coupon, then a deal stack as stated; withdrawing the coupon undoes it."""
    made = owner.post(f"{BASE}/price-facts", {**COUPON, "store_id": us})
    assert made.status_code == 201, made.content
    deal = {
        "store_id": us, "sku": "TENT", "kind": "deal", "from_at": "2026-10-02T00:00:00Z",
        "until_at": "2026-10-03T00:00:00Z", "amount": {"amount": "22.00", **USD}, "source": "deal page",
    }  # fmt: skip
    assert owner.post(f"{BASE}/price-facts", deal).status_code == 201
    path = f"stores/{us}/listings/TENT/effective-price"
    now = get(owner, path)
    assert (now["shown"]["amount"], now["paid"]["amount"], now["shown_kind"]) == ("30.00", "27.00", "base")
    assert (now["seller_keeps"]["amount"], now["average_paid"]["amount"]) == ("26.40", "29.25")
    assert now["used"] == [made.json()["id"]]
    then = get(owner, path, at="2026-10-02T12:00:00Z")
    assert (then["shown"]["amount"], then["paid"]["amount"], then["shown_kind"]) == ("22.00", "19.80", "deal")
    one = f"{BASE}/price-facts/{made.json()['id']}"
    assert owner.post(f"{one}/withdraw").status_code == 200
    assert owner.post(f"{one}/withdraw").status_code == 200
    assert get(owner, path)["paid"]["amount"] == "30.00"
    assert [row["kind"] for row in get(owner, "price-facts")["data"]] == ["deal"]
    assert len(get(owner, "price-facts", withdrawn="true", store=us)["data"]) == 2
    with use_tenant(acme):
        assert AuditEntry.objects.filter(target_type="price_fact").count() == 3


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"amount": {"amount": "3.00", **USD}}, 422),
        ({"share": None}, 422),
        ({"kind": "deal"}, 422),
        ({"quantity": 3}, 422),
        ({"until_at": "2026-09-30T00:00:00Z"}, 422),
        ({"share": None, "amount": {"amount": "300", "currency": "JPY"}}, 422),
        ({"sku": "NONE"}, 404),
        ({"store_id": 999_999}, 404),
    ],
)
def test_what_makes_no_sense_is_not_recorded(
    change: dict[str, Any], status: int, us: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Amount and share, neither, a deal's share, a pack of coupons, an early end, another currency."""
    response = owner.post(f"{BASE}/price-facts", {**COUPON, "store_id": us, **change})
    assert response.status_code == status, response.content
    with use_tenant(acme):
        assert not PriceFact.objects.exists()


def test_observed_prices_are_told_day_by_day(us: int, acme: ClientRef) -> None:
    """A price stands until another is seen, a day of change has both, none after the last look."""
    first = date(2026, 9, 1)
    with use_tenant(acme):
        observe(us, "TENT", "30", at_noon(first))
        observe(us, "TENT", "24", at_noon(first + 3 * DAY))
        observe(us, "TENT", "26", at_noon(first + 3 * DAY), kind="offer")
        see(us, at_noon(first + 5 * DAY))
        history = load_history(get_store(us), "TENT", first - 10 * DAY, first + 20 * DAY)
    found = {(each.day - first).days: [] for each in history.prices}  # type: ignore[var-annotated]
    for each in history.prices:
        found[(each.day - first).days].append(int(each.price))
    assert found == {0: [30], 1: [30], 2: [30], 3: [24, 26, 30], 4: [24, 26], 5: [24, 26]}


def test_the_evidence_of_a_former_price(us: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """28 days at 30.00 before a sale prove it in the United States, 27 do not; the hash is the body's."""
    on = date(2026, 10, 1)
    with use_tenant(acme):
        observe(us, "TENT", "30", at_noon(on - 40 * DAY))
        observe(us, "TENT", "24", at_noon(on - 12 * DAY))
        see(us, NOW)
    path = f"stores/{us}/listings/TENT/price-evidence"
    found = get(owner, path, reference_price="30", on=on.isoformat())
    assert (found["may_show"], found["days_counted"], found["days_on_sale"]) == (True, 28, 40)
    assert found["counted"][0] == (on - 40 * DAY).isoformat()
    kept = {name: value for name, value in found.items() if name not in ("sha256", "boundary")}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert found["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    low = get(owner, path, reference_price="24.00", on=on.isoformat())
    assert (low["may_show"], low["days_counted"]) == (False, 12)
    assert [reason["code"] for reason in low["reasons"]] == ["too_few_days"]
    with use_tenant(acme):
        PriceObservation.objects.filter(amount=Decimal(30)).update(
            business_on=on - 39 * DAY, observed_at=at_noon(on - 39 * DAY)
        )
    assert get(owner, path, reference_price="30", on=on.isoformat())["may_show"] is False


def test_another_clients_store_and_facts_are_not_there(
    other_us: int, us: int, owner: ValidatingClient, globex: ClientRef
) -> None:
    """Their store's price evidence, effective price and facts are unknown; nothing of theirs changes."""
    with use_tenant(globex):
        fact = PriceFact.objects.create(
            id=9_001, store_id=other_us, sku="TENT", kind="deal", currency="USD", from_at=NOW,
            amount=Decimal(9), source="x", stated_at=NOW, stated_by="x",
        )  # fmt: skip
    assert owner.get(f"{BASE}/price-facts/{fact.pk}").status_code == 404
    assert owner.post(f"{BASE}/price-facts/{fact.pk}/withdraw").status_code == 404
    for name in ("effective-price", "price-evidence?reference_price=3"):
        assert owner.get(f"{BASE}/stores/999999/listings/TENT/{name}").status_code == 404
        assert owner.get(f"{BASE}/stores/{us}/listings/NONE/{name}").status_code == 404
    with use_tenant(globex):
        assert PriceFact.objects.get().withdrawn_at is None
