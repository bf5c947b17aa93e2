"""Approval over HTTP: If-Match, problems that name what is wrong, the queue, policies, outcomes, windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from config.lib import clock
from connectors.facts.happenings import WorkItem
from connectors.facts.orders import OrderLine
from pricing.models import ApprovalReminder, PriceObservation, PriceOutcome, Recommendation
from pricing.services import approvals
from pricing.services.observe import observe_prices
from pricing.services.outcomes import measure_outcomes
from pricing.services.windows import run_windows
from pricing.services.work import note_decisions
from pricing.structure import Cost
from tenants.context import use_tenant
from tenants.ledger.models import OutboxEvent
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.pricing.approval.suggestions import NOW, listing, suggest, sync_listing
from tests.pricing.promotions.shops import BASE, PROVENANCE, get

HOUR = timedelta(hours=1)
WINDOW = {
    "time_zone": "America/New_York",
    "weekdays": [1, 2, 3, 4, 5],
    "opens": "09:00",
    "closes": "18:00",
    "deadline_hours": 6,
    "reminder_hours": [4, 1],
}
POLICY: dict[str, Any] = {
    "effective_on": NOW.date().isoformat(),
    "ranges": [{"level": "operator", "largest_change": "0.02"}, {"level": "client"}],
    "four_eyes": True,
    "execution_hours": 24,
    "execution_days": 3,
    "window": WINDOW,
}


@pytest.fixture
def row(store: int, acme: ClientRef, monkeypatch: pytest.MonkeyPatch) -> Recommendation:
    """A suggestion of +3 %, whose listing still is as it was."""
    monkeypatch.setattr(approvals, "get_context", lambda store_id, sku: listing(store_id, sku))
    with use_tenant(acme):
        return suggest(store, "30.90")


def post(caller: ValidatingClient, row: Recommendation, what: str, version: int = 1, **body: Any) -> Any:
    """A decision on the version that was seen."""
    path = f"{BASE}/price-recommendations/{row.pk}/{what}"
    return caller.post(path, body, headers={"If-Match": f'"{version}"'})


def test_an_operator_approves_what_it_saw(
    row: Recommendation, as_role: Callable[..., ValidatingClient], acme: ClientRef
) -> None:
    """Without If-Match 428, with another version 412; then once, and once only. The work fact follows."""
    operator = as_role(Role.OPERATOR)
    assert operator.post(f"{BASE}/price-recommendations/{row.pk}/approval", {}).status_code == 428
    assert post(operator, row, "approval", version=2).status_code == 412
    with clock.frozen(NOW + 2 * HOUR):
        done = post(operator, row, "approval")
        assert done.status_code == 200, done.content
        assert (done.json()["state"], done.json()["boundary"]) == ("approved", "suggestion_only")
        assert post(operator, row, "rejection", version=2, reason="late").status_code == 409
        with use_tenant(acme):
            assert note_decisions([row.pk]) == 1
            item = WorkItem.objects.get(kind="price_approval")
            assert item.finished_at is not None
            assert item.finished_at - item.started_at == 2 * HOUR
    listed = get(operator, f"price-recommendations/{row.pk}/decisions")["data"]
    assert [(each["verdict"], each["role"]) for each in listed] == [("approved", "operator")]


def test_keys_and_viewers_approve_nothing(
    row: Recommendation,
    as_role: Callable[..., ValidatingClient],
    as_key: Callable[..., ValidatingClient],
    acme: ClientRef,
) -> None:
    """Prices are approved by people with the capability; the refusal leaves the suggestion as it was."""
    for caller in (as_key(), as_role(Role.CLIENT_VIEWER), as_role(Role.ANALYST)):
        assert post(caller, row, "approval").status_code == 403
    with use_tenant(acme):
        assert (Recommendation.objects.get().state, Recommendation.objects.get().version) == ("open", 1)


def test_what_changed_is_named_and_the_expiry_is_kept(
    row: Recommendation, owner: ValidatingClient, acme: ClientRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The problem is an answer, not a rollback: 409 with the code of what changed, and expired for good."""

    def dearer(store_id: int, sku: str) -> Any:
        now = listing(store_id, sku)
        return replace(now, structure=replace(now.structure, costs=(Cost("landed", D(25)),)))

    monkeypatch.setattr(approvals, "get_context", dearer)
    refused = post(owner, row, "approval")
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["code"] == "suggestion_no_longer_holds"
    assert [error["code"] for error in problem["errors"]] == ["below_floor_now"]
    with use_tenant(acme):
        assert Recommendation.objects.get(pk=row.pk).state == "expired"


def test_prices_are_in_the_listings_currency(row: Recommendation, owner: ValidatingClient) -> None:
    """Yen for a dollar listing is refused at its pointer."""
    price = {"amount": "30", "currency": "JPY"}
    refused = post(owner, row, "approval", price=price, reason="x")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/price/currency"


def test_many_over_http(row: Recommendation, owner: ValidatingClient) -> None:
    """A dry run changes nothing and says so; an empty filter is refused."""
    path = f"{BASE}/price-recommendations:approve"
    assert owner.post(path, {"filter": {}}).status_code == 422
    told = owner.post(path, {"filter": {"ids": [row.pk + 1]}, "dry_run": True})
    assert (told.status_code, told.json()["items"]) == (200, [])


def set_policy(owner: ValidatingClient, store: int, **changes: Any) -> Any:
    """The first policy of the store."""
    path = f"{BASE}/stores/{store}/approval-policy"
    return owner.put(path, {**POLICY, **changes}, headers={"If-Match": '"0"'})


def test_a_policy_is_recorded_in_versions(store: int, owner: ValidatingClient) -> None:
    """The default is version 0; a version counts from its day; a stale If-Match and faults are refused."""
    default = get(owner, f"stores/{store}/approval-policy")
    assert (default["version"], [each["level"] for each in default["ranges"]]) == (
        0,
        ["operator", "account_manager", "client"],
    )
    faulty = set_policy(
        owner,
        store,
        ranges=[{"level": "operator"}, {"level": "operator", "largest_change": "0.1"}],
        window={**WINDOW, "time_zone": "Mars"},
    )
    assert faulty.status_code == 422
    assert {error["pointer"] for error in faulty.json()["errors"]} == {
        "/ranges/0",
        "/ranges/1/level",
        "/window/time_zone",
    }
    assert set_policy(owner, store, effective_on="2026-11-01").status_code == 422
    done = set_policy(owner, store)
    assert done.status_code == 200, done.content
    assert done.json()["version"] == 1
    assert set_policy(owner, store).status_code == 412
    assert get(owner, f"stores/{store}/approval-policy")["window"] == WINDOW


def test_the_clients_window_reminds_and_expires(
    row: Recommendation, store: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """+3 % is the client's here: due six open hours later, two reminders, each once, then expired with what
    waiting cost; the queue shows that cost until then."""
    assert set_policy(owner, store).status_code == 200
    with use_tenant(acme):
        # As one that was suggested before anybody had said who approves.
        Recommendation.objects.update(level_needed="", due_at=None)
        assert run_windows().assigned == 1
    # Asked on Thursday at 10:00 in New York (15:00 UTC): due at 16:00 there.
    due = NOW + 6 * HOUR
    (waiting,) = get(owner, "price-approvals/queue", level="client")["data"]
    assert waiting["due_at"] == due.isoformat().replace("+00:00", "Z")
    reminded = []
    for minutes in (60, 119, 120, 125, 299, 300, 359):
        with clock.frozen(NOW + timedelta(minutes=minutes)), use_tenant(acme):
            reminded.append(run_windows().reminded)
    assert reminded == [0, 0, 1, 0, 0, 1, 0]
    with clock.frozen(NOW + 5 * HOUR):
        (waiting,) = get(owner, "price-approvals/queue", level="client")["data"]
        gain = row.gain_per_day_amount
        assert gain is not None
        assert D(waiting["cost_so_far"]["amount"]) == (gain / 24 * 5).quantize(D("0.0001"))
        total = get(owner, "price-approvals/delay", store=store)["data"]
        assert [(each["items"], each["cost_so_far"]) for each in total] == [(1, waiting["cost_so_far"])]
    with clock.frozen(due), use_tenant(acme):
        assert run_windows().expired == 1
        row.refresh_from_db()
        assert row.state == "expired"
        assert ApprovalReminder.objects.count() == 2
        events = OutboxEvent.objects.filter(type="pricing.approval_due").order_by("id")
        assert [event.payload["level"] for event in events] == ["client", "client"]
        assert run_windows().expired == 0


def test_an_approved_price_that_nobody_carries_out_expires(
    row: Recommendation, store: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """After the policy's days, not before."""
    assert set_policy(owner, store, ranges=[{"level": "client"}]).status_code == 200
    with use_tenant(acme):
        approvals.approve(
            recommendation_id=row.pk, version=1, approver=approvals.Approver(3, Role.CLIENT_ADMIN)
        )
    for hours, expired in ((71, 0), (72, 1)):
        with clock.frozen(NOW + hours * HOUR), use_tenant(acme):
            assert run_windows().expired == expired


def sell(store: int, sku: str, day: Any, units: int, price: str) -> None:
    """An order of a day."""
    OrderLine.objects.create(
        store_id=store, platform_order_id=f"{sku}-{day}", line_no="1", sku=sku, product_id=f"B0{sku}",
        ordered_at=NOW, business_on=day, status="shipped", channel="platform", quantity=units, currency="USD",
        gross_amount=D(price) * units, tax_amount=0, tax_collector="platform", shipping_amount=0,
        shipping_tax_amount=0, discount_amount=0, points_amount=0, is_replacement=False, is_business=False,
        buyer_hash="", **PROVENANCE,
    )  # fmt: skip


def test_an_outcome_is_frozen_first_and_measured_against_controls(
    row: Recommendation, store: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Controls and window are written at the execution; two weeks later units fell by half against them, and
    the cost of delay is checked with the measured gain."""
    day = (NOW + HOUR).date()
    with use_tenant(acme):
        observe_prices(store)
        for offset in range(-28, 15):
            for index in range(6):
                sell(store, f"C{index}", day + timedelta(days=offset), 10 + index + offset % 2, "20.00")
            sell(store, "TENT", day + timedelta(days=offset), 5 if offset > 0 else 10, "30.00")
        approvals.approve(recommendation_id=row.pk, version=1, approver=approvals.Approver(3, Role.OPERATOR))
        sync_listing(store, "30.90", NOW + HOUR)
    assert owner.get(f"{BASE}/price-recommendations/{row.pk}/outcome").status_code == 404
    with clock.frozen(NOW + 2 * HOUR), use_tenant(acme):
        assert observe_prices(store).executed == 1
    frozen = get(owner, f"price-recommendations/{row.pk}/outcome")
    assert frozen["controls"] == ["C5", "C4", "C3", "C2", "C1", "C0"]
    assert (frozen["verdict"], frozen["estimates"]) == ("measuring", {})
    with clock.frozen(NOW + timedelta(days=5)), use_tenant(acme):
        assert measure_outcomes() == 0
    with clock.frozen(NOW + timedelta(days=20)):
        with use_tenant(acme):
            assert measure_outcomes() == 1
            assert measure_outcomes() == 0
        found = get(owner, f"price-recommendations/{row.pk}/outcome")
        assert D(found["estimates"]["units"]["delta"]) == pytest.approx(D("-0.5"), abs=D("0.01"))
        assert (found["verdict"], found["is_final"]) == ("worse", True)
        assert found["estimates"]["conversion"]["enough_data"] is False
        assert get(owner, "price-outcomes", verdict="worse")["data"] == [found]
        assert found["delay_actual"] is not None
    with use_tenant(acme):
        PriceOutcome.objects.update(is_final=False)
        sync_listing(store, "31.90", NOW + timedelta(days=3))
    with clock.frozen(NOW + timedelta(days=20)), use_tenant(acme):
        observe_prices(store)
        measure_outcomes()
    assert get(owner, f"price-recommendations/{row.pk}/outcome")["verdict"] == "confounded"
    history = get(owner, f"stores/{store}/price-history", sku="TENT", changes="true")["data"]
    assert [each["price"]["amount"] for each in history] == ["31.90", "30.90"]


def test_another_clients_suggestions_are_not_there(
    row: Recommendation, globex: ClientRef, as_role: Callable[..., ValidatingClient], acme: ClientRef
) -> None:
    """Globex's manager finds nothing under its own slug and nobody under ours; nothing moved."""
    stranger = as_role(Role.MANAGER, globex)
    theirs = BASE.replace("acme", "globex")
    body, match = {"reason": "x"}, {"If-Match": '"1"'}
    for base in (BASE, theirs):
        path = f"{base}/price-recommendations/{row.pk + 10_000 if base == theirs else row.pk}/rejection"
        assert stranger.post(path, body, headers=match).status_code == 404
    with use_tenant(acme):
        assert Recommendation.objects.get(pk=row.pk).state == "open"


def test_no_override_is_justified_by_what_is_unlawful_but_a_rejection_may_name_it(
    row: Recommendation, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Grey customs as a reason to approve is refused and changes nothing; as one to reject it stands."""
    refused = post(owner, row, "approval", reason="走灰清，成本更低")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reason")
    with use_tenant(acme):
        assert Recommendation.objects.get(pk=row.pk).state == "open"
    assert post(owner, row, "rejection", reason="成本基于灰清，不能用").status_code == 200


def test_what_buyers_paid_before_is_asked_again_at_approval(
    row: Recommendation, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Sixty days at 18 dollars, seen since the suggestion was made: 30.90 is no fair price at Amazon."""
    since = NOW - timedelta(days=60)
    with use_tenant(acme):
        PriceObservation.objects.create(
            store_id=row.store_id,
            sku=row.sku,
            kind="offer",
            amount=D(18),
            currency="USD",
            observed_at=since,
            business_on=since.date(),
            is_change=False,
            run_id=1,
            noted_at=since,
        )
    refused = post(owner, row, "approval")
    assert (refused.status_code, refused.json()["code"]) == (409, "suggestion_no_longer_holds")
    assert "amazon_fair_price" in {error["code"] for error in refused.json()["errors"]}
