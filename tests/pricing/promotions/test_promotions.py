"""Promotions over HTTP: checked, planned with their locks, called off, on the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.lib import clock
from pricing.models import PriceLock, Promotion
from pricing.selectors.locks import locks_of
from pricing.types import LockKind
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry, OutboxEvent
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.pricing.promotions.shops import BASE, NOW, cost, get, observe, see

USD = {"currency": "USD"}


@pytest.fixture
def shop(us: int, acme: ClientRef) -> int:
    """The US store with costs, and 30.00 seen for the last 60 days."""
    with use_tenant(acme):
        cost(us)
        observe(us, "TENT", "30", NOW - timedelta(days=60))
        see(us, NOW)
    return us


def plan(store_id: int, price: str = "24.00", **changes: Any) -> dict[str, Any]:
    """Seven days from the tenth of October on, Los Angeles time."""
    items = [{"sku": "TENT", "promo_price": {"amount": price, **USD}}]
    given = {
        "store_id": store_id,
        "name": "October sale",
        "starts_on": "2026-10-10",
        "ends_on": "2026-10-17",
        "ends_time": "00:00",
        "items": items,
    }
    return {**given, **changes}


def test_a_plan_stores_prices_locks_listings_and_tells(
    shop: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """In the market's zone; the price before is stored and to be restored, and locked meanwhile."""
    made = owner.post(f"{BASE}/promotions", plan(shop))
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["state"], body["starts_at"], body["ends_at"]) == (
        "planned",
        "2026-10-10T07:00:00Z",
        "2026-10-17T07:00:00Z",
    )
    (item,) = body["items"]
    assert [item[f"{name}_price"]["amount"] for name in ("promo", "pre", "restore")] == [
        "24.00",
        "30.00",
        "30.00",
    ]
    assert body["boundary"] == "suggestion_only"
    assert [row["id"] for row in get(owner, "promotions", store=shop, state="planned", sku="TENT")["data"]]
    assert get(owner, "promotions", fields="id,state")["data"] == [{"id": body["id"], "state": "planned"}]
    with use_tenant(acme):
        during = datetime(2026, 10, 12, tzinfo=UTC)
        (lock,) = locks_of(shop, None, during)["TENT"]
        assert (lock.kind, lock.source_id) == (LockKind.PROMOTION, body["id"])
        assert locks_of(shop, None, NOW) == {}
        assert locks_of(shop, None, datetime(2026, 10, 17, 7, tzinfo=UTC)) == {}
        assert AuditEntry.objects.filter(verb="promotion.planned").count() == 1
        assert OutboxEvent.objects.filter(type="pricing.promotion_changed").count() == 1


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"price": "14.00"}, "promo_depth", "/items/0"),
        ({"price": "30.00"}, "promo_price", "/items/0"),
        ({"coupon_share": "0.50"}, "promo_depth", "/items/0"),
        ({"ends_on": "2026-11-05"}, "promo_share", "/items/0"),
        ({"budget": {"amount": "1.00", **USD}}, None, None),
        ({"ends_on": "2026-10-09"}, "order", "/ends_on"),
        ({"starts_on": "2026-09-30"}, "past", "/starts_on"),
        ({"starts_on": "2027-03-14", "starts_time": "02:30", "ends_on": "2027-03-15"}, "no_such_time", None),
    ],
)
def test_what_may_not_run_is_refused_by_name_and_nothing_is_written(
    changes: dict[str, Any],
    code: str | None,
    pointer: str | None,
    shop: int,
    owner: ValidatingClient,
    acme: ClientRef,
) -> None:
    """Depth with coupon, price, share of days, order, past, an hour that does not exist; the check agrees."""
    price = changes.pop("price", "24.00")
    body = plan(shop, price, **changes)
    checked = owner.post(f"{BASE}/promotions/check", body)
    made = owner.post(f"{BASE}/promotions", body)
    if code is None:
        assert checked.json()["may_plan"] is True
        assert [check["code"] for check in checked.json()["checks"]] == ["promo_budget_unknown"]
        assert made.status_code == 201, made.content
        return
    assert made.status_code == 422, made.content
    errors = made.json()["errors"]
    assert code in [error["code"] for error in errors]
    assert pointer is None or pointer in [error["pointer"] for error in errors]
    assert checked.status_code == 422 or code in [check["code"] for check in checked.json()["checks"]]
    with use_tenant(acme):
        assert not Promotion.objects.exists()
        assert not PriceLock.objects.exists()


def test_unknown_costs_and_short_histories_block(us: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """Without costs the floor, without history the former price cannot be proved."""
    made = owner.post(f"{BASE}/promotions", plan(us))
    assert [error["code"] for error in made.json()["errors"]] == ["promo_costs", "promo_reference"]


def test_a_second_promotion_meets_the_first(shop: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """Overlapping or too soon after; once the first is called off the second may be planned."""
    first = owner.post(f"{BASE}/promotions", plan(shop)).json()
    later = plan(shop, starts_on="2026-10-20", ends_on="2026-10-24", shows_reference=False)
    refused = owner.post(f"{BASE}/promotions", later)
    assert [error["code"] for error in refused.json()["errors"]] == ["promo_cool_down"]
    assert "promo_overlap" in [
        error["code"] for error in owner.post(f"{BASE}/promotions", plan(shop)).json()["errors"]
    ]
    path = f"{BASE}/promotions/{first['id']}/cancel"
    assert owner.post(path, {"reason": ""}).status_code == 422
    cancelled = owner.post(path, {"reason": "no stock"})
    assert cancelled.json()["state"] == "cancelled", cancelled.content
    assert owner.post(path, {"reason": "again"}).status_code == 409
    with use_tenant(acme):
        assert locks_of(shop, None, datetime(2026, 10, 12, tzinfo=UTC)) == {}
    assert owner.post(f"{BASE}/promotions", later).status_code == 201


def test_the_calendar_shows_what_touches_its_days_and_the_rhythm(shop: int, owner: ValidatingClient) -> None:
    """Seven days from the tenth: in a range that ends on the tenth, not in one that begins on the 17th."""
    made = owner.post(f"{BASE}/promotions", plan(shop)).json()
    path = f"stores/{shop}/promotion-calendar"
    found = get(owner, path, first="2026-10-01", last="2026-10-10")
    assert [row["id"] for row in found["data"]] == [made["id"]]
    assert get(owner, path, first="2026-10-17", last="2026-10-30")["data"] == []
    (line,) = get(owner, path, first="2026-10-10", last="2026-10-20")["rhythm"]
    assert (line["days_of_eight_weeks"], line["days_since_last"]) == (7, 4)
    assert line["next_start_on"] == "2026-10-31"
    assert owner.get(f"{BASE}/{path}", {"first": "2026-10-02", "last": "2026-10-01"}).status_code == 400


def test_another_clients_promotions_are_not_there(
    shop: int,
    other_us: int,
    owner: ValidatingClient,
    globex: ClientRef,
    as_role: Callable[..., ValidatingClient],
) -> None:
    """Their promotion is unknown and stays planned; a client_viewer of ours plans nothing."""
    with use_tenant(globex):
        theirs = Promotion.objects.create(
            id=8_001, store_id=other_us, name="x", kind="promotion", state="planned", currency="USD",
            time_zone="America/Los_Angeles", starts_at=NOW, ends_at=NOW + timedelta(days=1), restore_hours=4,
            shows_reference=False, planned_at=NOW, planned_by="x",
        )  # fmt: skip
    assert owner.get(f"{BASE}/promotions/{theirs.pk}").status_code == 404
    assert owner.post(f"{BASE}/promotions/{theirs.pk}/cancel", {"reason": "x"}).status_code == 404
    assert as_role(Role.CLIENT_VIEWER).post(f"{BASE}/promotions", plan(shop)).status_code == 403
    assert owner.post(f"{BASE}/promotions", plan(999_999)).status_code == 404
    with use_tenant(globex):
        assert Promotion.objects.get().state == "planned"
    assert clock.now() == NOW
