"""Price tests from plan to verdict, over HTTP and by the clock, in worlds whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from config.lib import clock
from connectors import models as c
from pricing.models import PriceLock, PriceTest, Recommendation
from pricing.selectors.locks import locks_of
from pricing.services.experiments import look_after_tests
from pricing.types import LockKind
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry, OutboxEvent
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.pricing.experiments.worlds import START, TODAY, at_noon, furnish, live_through, note_live
from tests.pricing.promotions.shops import BASE, NOW, cost, get

TESTS = f"{BASE}/price-tests"


def money(amount: str) -> dict[str, str]:
    """Dollars."""
    return {"amount": amount, "currency": "USD"}


def draft(store_id: int, **changes: Any) -> dict[str, Any]:
    """Twelve blocks of three days from the fifth of October on: 30.00 against 28.00."""
    given = {
        "store_id": store_id,
        "sku": "TENT",
        "name": "Does 28.00 keep more?",
        "control_price": money("30.00"),
        "treatment_price": money("28.00"),
        "start_on": START.isoformat(),
        "blocks": 12,
        "seed": "a",
    }
    return {**given, **changes}


def plan(owner: ValidatingClient, store_id: int, **changes: Any) -> dict[str, Any]:
    """A planned test."""
    made = owner.post(TESTS, draft(store_id, **changes))
    assert made.status_code == 201, made.content
    body: dict[str, Any] = made.json()
    return body


def begin(owner: ValidatingClient, store_id: int, **changes: Any) -> dict[str, Any]:
    """A test that runs."""
    made = plan(owner, store_id, **changes)
    begun = owner.post(f"{TESTS}/{made['id']}/start", {}, headers={"If-Match": '"1"'})
    assert begun.status_code == 200, begun.content
    body: dict[str, Any] = begun.json()
    return body


def close_at(acme: ClientRef, at: datetime) -> int:
    """A round of looking after, at an instant."""
    with clock.frozen(at), use_tenant(acme):
        return look_after_tests()


def test_a_plan_draws_blocks_tells_the_steps_and_locks_once_begun(
    shop: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Six blocks each; a step wherever the price changes; the lock from the first day on; all audited."""
    body = plan(owner, shop)
    assert (body["state"], body["last_on"], body["boundary"]) == ("planned", "2026-11-09", "suggestion_only")
    assert [day["arm"] for day in body["calendar"]].count("treatment") == 18
    assert body["compliance"]["ahead"] == 36
    again = plan_again(owner, shop)
    assert again == ["test"]
    prices = [day["price"]["amount"] for day in body["calendar"]]
    changes = 1 + sum(one != other for one, other in pairwise(prices))
    assert [step["on"] for step in body["steps"]][-1] == "2026-11-10"
    assert len(body["steps"]) == changes + 1
    power = body["power"]
    assert (power["history_days"], power["counted_days"]) == (28, 24)
    with use_tenant(acme):
        assert not PriceLock.objects.exists()
    path = f"{TESTS}/{body['id']}/start"
    assert owner.post(path, {}, headers={"If-Match": '"7"'}).status_code == 412
    begun = owner.post(path, {}, headers={"If-Match": '"1"'})
    assert (begun.json()["state"], begun["ETag"]) == ("running", '"2"')
    assert owner.post(path, {}, headers={"If-Match": '"2"'}).status_code == 409
    with use_tenant(acme):
        assert locks_of(shop, ["TENT"], NOW) == {}
        (lock,) = locks_of(shop, ["TENT"], at_noon(START))["TENT"]
        assert (lock.kind, lock.source_id) == (LockKind.TEST, body["id"])
        verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"price_test.planned", "price_test.started", "price_lock.set"} <= verbs
    assert [row["id"] for row in get(owner, "price-tests", store=shop, state="running")["data"]] == [
        body["id"]
    ]


def plan_again(owner: ValidatingClient, store_id: int) -> list[str]:
    """The faults of another plan of the same listing."""
    refused = owner.post(TESTS, draft(store_id))
    assert refused.status_code == 422
    return [error["code"] for error in refused.json()["errors"]]


@pytest.mark.parametrize(
    ("units", "verdict", "suggested"),
    [
        ({"control": 6, "treatment": 14}, "better", 28),
        ({"control": 14, "treatment": 9}, "worse", None),
        ({"control": 9, "treatment": 11}, "no_difference_shown", None),
    ],
)
def test_the_planted_truth_comes_out(
    units: dict[str, int],
    verdict: str,
    suggested: int | None,
    shop: int,
    owner: ValidatingClient,
    acme: ClientRef,
) -> None:
    """A unit keeps 12.74 at 30.00 and 11.04 at 28.00. Far more units, far fewer, and as many as make it even.

    The lock is released; the better price is suggested, for 30.00 stands at the end.
    """
    body = begin(owner, shop)
    with use_tenant(acme):
        last = live_through(shop, body["calendar"], units)
    early = at_noon(last + timedelta(days=3))
    end = at_noon(last + timedelta(days=4))
    with use_tenant(acme):
        note_live(shop, "30", end)
    assert close_at(acme, early) == 0
    assert close_at(acme, end) == 1
    assert close_at(acme, end) == 0
    with clock.frozen(end):
        found = get(owner, f"price-tests/{body['id']}")
    result = found["result"]
    assert (found["state"], found["verdict"]) == ("finished", verdict), result
    assert result["days"] == 24
    assert result["day_states"] == {"washout": 12, "counted": 24}
    assert result["low"] is not None
    assert str(result["days"]) in result["text"]
    assert "95 % interval" in result["text"]
    with use_tenant(acme):
        assert locks_of(shop, ["TENT"], end) == {}
        rows = list(Recommendation.objects.values_list("kind", "source_id", "suggested_amount", "id"))
        assert [row[:3] for row in rows] == ([("experiment", body["id"], suggested)] if suggested else [])
        assert found["recommendation_id"] == (rows[0][3] if rows else None)
        assert OutboxEvent.objects.filter(type="pricing.test_closed").count() == 1


def test_a_day_with_another_price_does_not_count_and_is_reported(
    shop: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Two counted days of the first treatment block at the control's price: reported, and out of the
    figures."""
    body = begin(owner, shop)
    block = next(day["block"] for day in body["calendar"] if day["arm"] == "treatment")
    lapses = {day["on"]: "30.00" for day in body["calendar"] if day["block"] == block}
    with use_tenant(acme):
        last = live_through(shop, body["calendar"], {"control": 6, "treatment": 14}, lapses=lapses)
        end = at_noon(last + timedelta(days=4))
        note_live(shop, "30", end)
    assert close_at(acme, end) == 1
    with clock.frozen(end):
        found = get(owner, f"price-tests/{body['id']}")
    assert (found["compliance"]["other_price"], found["compliance"]["counted"]) == (2, 22)
    assert found["result"]["days"] == 22
    bad = [day for day in found["calendar"] if day["state"] == "other_price"]
    assert {day["block"] for day in bad} == {block}
    assert all([price["amount"] for price in day["seen_prices"]] == ["30.00"] for day in bad)


@pytest.mark.parametrize(
    ("units", "buy_box", "code"),
    [
        ({"control": 20, "treatment": 5}, {}, "units_fell"),
        ({"control": 10, "treatment": 10}, {"treatment": "0.70"}, "buy_box_fell"),
    ],
)
def test_a_guardrail_stops_it_and_gives_no_verdict(
    units: dict[str, int],
    buy_box: dict[str, str],
    code: str,
    shop: int,
    owner: ValidatingClient,
    acme: ClientRef,
) -> None:
    """Half way, with enough counted days of both: stopped, unlocked, and the control's price suggested."""
    body = begin(owner, shop)
    half = START + timedelta(days=18)
    with use_tenant(acme):
        live_through(shop, body["calendar"], units, buy_box=buy_box, until=half - timedelta(days=1))
        note_live(shop, "28", at_noon(half))
    assert close_at(acme, at_noon(half)) == 1
    with clock.frozen(at_noon(half)):
        found = get(owner, f"price-tests/{body['id']}")
    assert (found["state"], found["verdict"], found["result"]) == ("stopped", None, None)
    assert [reason["code"] for reason in found["reasons"]] == [code]
    with use_tenant(acme):
        assert locks_of(shop, ["TENT"], at_noon(half)) == {}
        assert Recommendation.objects.get().suggested_amount == 30


def test_costs_that_rise_stop_it(shop: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """When 28.00 no longer keeps the floor nobody may show it for the sake of a test."""
    body = begin(owner, shop)
    with use_tenant(acme):
        c.CostSheetLine.objects.update(amount=22)
    assert close_at(acme, at_noon(START)) == 1
    assert [each["code"] for each in get(owner, f"price-tests/{body['id']}")["reasons"]] == [
        "below_floor",
        "below_floor",
    ]


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"treatment_price": money("10.00")}, "below_floor", "/treatment_price"),
        ({"treatment_price": money("30.00")}, "same", "/treatment_price"),
        ({"treatment_price": {"amount": "2800", "currency": "JPY"}}, "currency", "/treatment_price"),
        ({"start_on": TODAY.isoformat()}, "past", "/start_on"),
        ({"blocks": 5}, "design", "/blocks"),
        ({"blocks": 100}, "range", "/blocks"),
        ({"washout_days": 3}, "design", "/blocks"),
    ],
)
def test_what_may_not_run_is_named_and_nothing_is_written(
    changes: dict[str, Any],
    code: str,
    pointer: str,
    shop: int,
    owner: ValidatingClient,
    acme: ClientRef,
) -> None:
    """Below the floor, the same price, another currency, today, odd or too many blocks, nothing but
    washout."""
    refused = owner.post(TESTS, draft(shop, **changes))
    assert refused.status_code == 422, refused.content
    assert (code, pointer) in [(each["code"], each["pointer"]) for each in refused.json()["errors"]]
    with use_tenant(acme):
        assert not PriceTest.objects.exists()


def test_promotions_and_locks_in_its_days_forbid_it(
    shop: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """A promotion that begins in its days, and a freeze by hand that holds."""
    sale = owner.post(
        f"{BASE}/promotions",
        {
            "store_id": shop, "name": "Sale", "starts_on": "2026-10-10", "ends_on": "2026-10-14",
            "ends_time": "00:00", "items": [{"sku": "TENT", "promo_price": money("24.00")}],
        },
    )  # fmt: skip
    assert sale.status_code == 201, sale.content
    held = owner.post(f"{BASE}/price-locks", {"store_id": shop, "sku": "TENT", "reason": "recall"})
    assert held.status_code == 201, held.content
    assert plan_again(owner, shop) == ["promotion", "locked"]


def test_power_says_what_shows_and_warns_of_what_cannot(shop: int, us: int, owner: ValidatingClient) -> None:
    """A small change needs more days than there are; four blocks can never show anything."""
    asked = {"store_id": shop, "sku": "TENT", "blocks": 4, "wanted": "0.01"}
    found = owner.post(f"{BASE}/price-tests:power", asked)
    assert found.status_code == 200, found.content
    body = found.json()
    assert [each["code"] for each in body["warnings"]] == ["too_short", "few_draws"]
    assert body["power"]["days_needed"] > 12
    assert not body["power"]["is_long_enough"]
    long = owner.post(f"{BASE}/price-tests:power", {**asked, "blocks": 20, "wanted": "0.50"}).json()
    assert (long["warnings"], long["power"]["is_long_enough"]) == ([], True)
    empty = owner.post(f"{BASE}/price-tests:power", {**asked, "sku": "LAMP"}).json()
    assert empty["warnings"][0]["code"] == "no_history"
    assert owner.post(f"{BASE}/price-tests:power", {**asked, "sku": "NONE"}).status_code == 404


def test_what_nobody_begins_ends_on_its_first_day(
    shop: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Planned, the day passes: stopped as not begun, and the listing is free for another test."""
    body = plan(owner, shop)
    assert close_at(acme, at_noon(START)) == 0
    late = at_noon(START + timedelta(days=1))
    with clock.frozen(late):
        path = f"{TESTS}/{body['id']}/start"
        assert owner.post(path, {}, headers={"If-Match": '"1"'}).status_code == 409
    assert close_at(acme, late) == 1
    found = get(owner, f"price-tests/{body['id']}")
    assert (found["state"], found["reasons"][0]["code"]) == ("stopped", "not_started")
    with clock.frozen(late):
        plan(owner, shop, start_on="2026-10-20")


def test_stopping_by_hand_needs_a_lawful_reason_and_releases(
    shop: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Without a reason, without If-Match, twice: refused, and it runs on; stopped it is unlocked."""
    body = begin(owner, shop)
    path = f"{TESTS}/{body['id']}/stop"
    match = {"If-Match": '"2"'}
    assert owner.post(path, {"reason": ""}, headers=match).status_code == 422
    assert owner.post(path, {"reason": "no stock"}).status_code == 428
    assert get(owner, f"price-tests/{body['id']}")["state"] == "running"
    stopped = owner.post(path, {"reason": "no stock"}, headers=match)
    assert (stopped.status_code, stopped.json()["state"]) == (200, "stopped"), stopped.content
    assert owner.post(path, {"reason": "again"}, headers={"If-Match": '"3"'}).status_code == 409
    with use_tenant(acme):
        assert locks_of(shop, ["TENT"], at_noon(START)) == {}


def test_another_clients_tests_are_not_there(
    shop: int,
    other_us: int,
    owner: ValidatingClient,
    globex: ClientRef,
    as_role: Callable[..., ValidatingClient],
) -> None:
    """Theirs cannot be read, begun or stopped and stays planned; a client_viewer of ours plans nothing."""
    with use_tenant(globex):
        furnish(other_us, days=1)
        theirs = PriceTest.objects.create(
            id=8_101, store_id=other_us, sku="TENT", name="x", currency="USD", control_amount=30,
            treatment_amount=28, start_on=START, last_on=date(2026, 10, 16), blocks=4, block_days=3,
            washout_days=1, seed="s", assignment=[True, False, True, False], power={}, guardrails={},
            state="planned", planned_at=datetime(2026, 10, 1, tzinfo=UTC), planned_by="x",
        )  # fmt: skip
    match = {"If-Match": '"1"'}
    path = f"{TESTS}/{theirs.pk}"
    assert owner.get(path).status_code == 404
    assert owner.post(f"{path}/start", {}, headers=match).status_code == 404
    assert owner.post(f"{path}/stop", {"reason": "x"}, headers=match).status_code == 404
    assert owner.post(TESTS, draft(999_999)).status_code == 404
    assert as_role(Role.CLIENT_VIEWER).post(TESTS, draft(shop)).status_code == 403
    with use_tenant(globex):
        assert (PriceTest.objects.get().state, PriceTest.objects.get().version) == ("planned", 1)


def test_without_costs_no_test(us: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """LAMP's costs are not known: no floor can be proved."""
    with use_tenant(acme):
        cost(us)
    refused = owner.post(TESTS, draft(us, sku="LAMP"))
    assert [each["code"] for each in refused.json()["errors"]] == ["missing"]
