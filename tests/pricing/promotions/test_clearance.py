"""Clearance of a store: the step of each listing, what is missing, what is suggested, and what it brought."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors import models as c
from pricing.models import ListingProfile, Recommendation
from pricing.services.clearance import record_clearance_cash
from pricing.services.locks import set_lock
from pricing.types import LockKind
from tenants.context import use_tenant
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.pricing.promotions.shops import BASE, NOW, PROVENANCE, age_stock, cost, get, see

STATED = {"aged_monthly": "0.50", "removal": "1.04", "disposal": "1.00", "liquidation": "-0.20"}


@pytest.fixture
def old(us: int, acme: ClientRef) -> int:
    """60 old units of TENT among 120, which cost 8.00 and are shown at 30.00; everything read just now."""
    with use_tenant(acme):
        cost(us)
        age_stock(us, age_0_90=60, age_91_180=60)
        see(us, NOW)
    return us


def make_clearance(store_id: int, acme: ClientRef) -> None:
    """TENT is to be cleared."""
    with use_tenant(acme):
        ListingProfile.objects.create(
            store_id=store_id, sku="TENT", tier="clearance", updated_at=NOW, updated_by="x"
        )


def case(owner: ValidatingClient, store_id: int, **stated: str) -> dict[str, Any]:
    """The one listing with old stock."""
    (found,) = get(owner, f"stores/{store_id}/clearance", **(stated or STATED))["data"]
    shown: dict[str, Any] = found
    return shown


def test_the_step_and_every_way_are_shown(old: int, owner: ValidatingClient) -> None:
    """At least 91 days old: 5 % off 30.00; storage is the platform's 6.00 for 120 units."""
    found = case(owner, old)
    assert (found["sku"], found["units"], found["step"], found["cut"]) == ("TENT", 60, "cut", "0.05")
    assert (found["step_price"]["amount"], found["is_on_step"], found["is_below_cost"]) == (
        "28.50",
        False,
        False,
    )
    ways = {way["way"]: way for way in found["ways"]}
    assert ways["liquidation"]["value"]["amount"] == "-12.00"
    assert ways["removal"]["value"]["amount"] == "-62.40"
    assert ways["hold"]["missing"] == []
    assert found["missing"] == ["elasticity"]


def test_what_nobody_stated_is_named_and_nothing_is_made_up(old: int, owner: ValidatingClient) -> None:
    """Without any statement the ways that need it have no value; the step stands all the same."""
    found = case(owner, old, yearly_rate="0.10")
    ways = {way["way"]: way for way in found["ways"]}
    assert {name for name, way in ways.items() if way["value"] is None} == set(ways)
    assert ways["ladder"]["missing"] == ["aged_fees", "removal"]
    assert ways["disposal"]["missing"] == ["disposal"]
    assert found["missing"] == ["elasticity", "aged_fees", "removal", "disposal", "liquidation"]
    assert (found["step_price"]["amount"], found["cash_freed"]) == ("28.50", None)


def test_only_the_clearance_tier_goes_below_cost(old: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """Bought for 26.00, 28.50 loses: a regular listing stays at its floor, a cleared one takes the step."""
    with use_tenant(acme):
        c.CostSheetLine.objects.update(amount=Decimal(26))
    regular = case(owner, old)
    assert Decimal(regular["step_price"]["amount"]) == Decimal(regular["floor"]["amount"])
    assert Decimal(regular["floor"]["amount"]) > 30
    assert (regular["is_below_cost"], regular["is_on_step"]) == (False, True)
    make_clearance(old, acme)
    cleared = case(owner, old)
    assert (cleared["step_price"]["amount"], cleared["is_below_cost"]) == ("28.50", True)
    assert Decimal(cleared["floor"]["amount"]) < 8


def propose(owner: ValidatingClient, store_id: int, **changes: Any) -> dict[str, tuple[str, int | None]]:
    """What became of each listing."""
    response = owner.post(f"{BASE}/stores/{store_id}/clearance:propose", {**STATED, **changes})
    assert response.status_code == 200, response.content
    assert response.json()["boundary"] == "suggestion_only"
    return {row["sku"]: (row["code"], row["recommendation_id"]) for row in response.json()["data"]}


def test_a_step_is_suggested_once_with_its_inputs(old: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """A suggestion of 28.50 with floor and ways in its snapshot; again it is only confirmed."""
    make_clearance(old, acme)
    first = propose(owner, old)
    assert propose(owner, old) == first
    assert propose(owner, old, skus=["LAMP"]) == {"LAMP": ("no_old_stock", None)}
    with use_tenant(acme):
        row = Recommendation.objects.get()
        assert first == {"TENT": ("suggested", row.pk)}
        assert (row.kind, row.suggested_amount, row.state) == ("clearance", Decimal("28.50"), "open")
        assert row.inputs["clearance"]["regular_price"] == "30.0000"
        assert row.inputs["clearance"]["age_days"] >= 91


@pytest.mark.parametrize(
    ("buckets", "code"),
    [({"age_271_365": 1}, "remove"), ({"age_181_270": 1}, "suggested"), ({"age_91_180": 1}, "suggested")],
)
def test_the_oldest_stock_is_to_be_removed(
    buckets: dict[str, int], code: str, us: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """From day 271 on no price is suggested."""
    with use_tenant(acme):
        cost(us)
        age_stock(us, **buckets)
        see(us, NOW)
    assert propose(owner, us)["TENT"][0] == code


def test_locked_and_stale_listings_are_left_alone(old: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """A lock, then a price that was read too long ago: told by name, and nothing is suggested."""
    with use_tenant(acme):
        set_lock(store_id=old, sku="TENT", kind=LockKind.MANUAL, reason="a talk")
    assert propose(owner, old) == {"TENT": ("locked", None)}
    with use_tenant(acme):
        from pricing.models import PriceLock

        PriceLock.objects.all().delete()
        see(old, NOW - timedelta(days=30))
        c.Listing.objects.update(
            source_updated_at=NOW - timedelta(days=30), ingested_at=NOW - timedelta(days=30)
        )
    assert propose(owner, old) == {"TENT": ("stale", None)}
    with use_tenant(acme):
        assert not Recommendation.objects.exists()


def test_cuts_are_counted_from_the_price_before_the_first_step(
    old: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """After a carried-out step the regular price stays 30.00, and the listing is at its step."""
    make_clearance(old, acme)
    propose(owner, old)
    with use_tenant(acme):
        Recommendation.objects.update(state="executed", observed_at=NOW)
        c.Listing.objects.filter(sku="TENT").update(price_amount=Decimal("28.50"))
    found = case(owner, old)
    assert (found["regular_price"]["amount"], found["step_price"]["amount"]) == ("30.00", "28.50")
    assert found["is_on_step"] is True
    assert propose(owner, old) == {"TENT": ("on_step", None)}


def test_what_clearance_brought_is_recorded(old: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """Two units: 50.00 net less 12.00 of fees, landed cost 8.00 each: 38.00 of 16.00; others do not count."""
    make_clearance(old, acme)
    propose(owner, old)
    with use_tenant(acme):
        assert record_clearance_cash() == 0
        Recommendation.objects.update(state="executed", observed_at=NOW - timedelta(days=2))
        for number, days, quantity, status in (
            ("1", 1, 2, "shipped"),
            ("2", 9, 5, "shipped"),
            ("3", 1, 0, "cancelled"),
        ):
            at = NOW - timedelta(days=days)
            c.OrderLine.objects.create(
                store_id=old, platform_order_id=number, line_no="1", sku="TENT", product_id="B0TENT",
                ordered_at=at, business_on=at.date(), status=status, channel="platform", quantity=quantity,
                currency="USD", gross_amount=55, tax_amount=5, tax_collector="platform", shipping_amount=0,
                shipping_tax_amount=0, discount_amount=0, points_amount=0, is_replacement=False,
                is_business=False, buyer_hash="", **PROVENANCE,
            )  # fmt: skip
            for kind, amount in (("referral_fee", -8), ("fulfilment_fee", -4), ("sale", 50)):
                c.Charge.objects.create(
                    store_id=old, transaction_id=f"{number}{kind}", line_no="1", kind=kind, status="RELEASED",
                    platform_order_id=number, sku="TENT", posted_at=at, business_on=at.date(), quantity=1,
                    currency="USD", amount=amount, description="", **PROVENANCE,
                )  # fmt: skip
        assert record_clearance_cash() == 1
        assert record_clearance_cash() == 0
        fact = c.Evidence.objects.get(metric="clearance_cash_rate")
        assert (fact.numerator, fact.denominator) == (38, 16)


def test_only_those_who_may_clear_propose_and_other_stores_are_not_there(
    old: int,
    other_us: int,
    as_role: Callable[..., ValidatingClient],
    owner: ValidatingClient,
    acme: ClientRef,
) -> None:
    """An operator sees but does not propose; an unknown store is 404; nothing is written."""
    operator = as_role(Role.OPERATOR)
    assert operator.get(f"{BASE}/stores/{old}/clearance").status_code == 200
    assert operator.post(f"{BASE}/stores/{old}/clearance:propose", STATED).status_code == 403
    for client in (operator, owner):
        assert client.get(f"{BASE}/stores/999999/clearance").status_code == 404
    assert owner.post(f"{BASE}/stores/999999/clearance:propose", STATED).status_code == 404
    with use_tenant(acme):
        assert not Recommendation.objects.exists()
