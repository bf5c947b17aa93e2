"""Pilots by the clock and over HTTP: who takes part, when they widen, what stops them, and what a run makes
of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.lib import clock
from connectors import models as c
from connectors.facts.catalog import Listing
from pricing.models import (
    PricePilot,
    PriceRuleSet,
    PriceRuleSetActivation,
    PriceRuleSetVersion,
    PricingRunItem,
    Recommendation,
)
from pricing.rules.parse import dump_rule_set, parse_rule_set
from pricing.rules.presets import PRESETS
from pricing.selectors.context import get_context
from pricing.selectors.pilots import allows
from pricing.services.pilots import look_after_pilots
from pricing.services.proposals import propose
from pricing.services.recommend import refresh
from pricing.types import ProposalKind, Reason
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry, OutboxEvent
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.pricing.experiments.worlds import DAY, TODAY, at_noon, sell
from tests.pricing.promotions.shops import BASE, NOW, PROVENANCE, cost, get, observe, see

PILOTS = f"{BASE}/price-pilots"
SKUS = [f"S{n:02}" for n in range(12)]
FIRST = TODAY + DAY


def make_rule_set(key: str = "follow", version: int = 1) -> int:
    """A rule set in force, proved by nobody."""
    document = dump_rule_set(parse_rule_set(PRESETS["source_document"].document))
    row = PriceRuleSet.objects.create(
        key=key, name=key, active_version=version, latest_version=version, created_at=NOW, created_by="x"
    )
    PriceRuleSetVersion.objects.create(
        rule_set=row, version=version, document=document, saved_at=NOW, saved_by="x",
        scope={"stores": [], "markets": ["US"], "tiers": [], "skus": SKUS},
    )  # fmt: skip
    PriceRuleSetActivation.objects.create(
        rule_set=row, version=version, verification={}, activated_at=NOW, activated_by="x"
    )
    return row.pk


@pytest.fixture
def store(us: int, acme: ClientRef) -> int:
    """The US store with twelve listings at 30.00, each with costs and ten sales on each of 14 days."""
    with use_tenant(acme):
        for sku in SKUS:
            Listing.objects.create(
                store_id=us, sku=sku, product_id=f"B0{sku}", title=sku, status="active", condition="new",
                channel="platform", currency="USD", price_amount=Decimal(30), opened_on=None, **PROVENANCE,
            )  # fmt: skip
            cost(us, sku)
            observe(us, sku, "30", NOW - timedelta(days=60))
            for n in range(14):
                sell(us, TODAY - n * DAY, 10, sku=sku)
        see(us, NOW)
        make_rule_set()
    return us


def begin(owner: ValidatingClient, store_id: int, **changes: Any) -> dict[str, Any]:
    """A pilot of the rule set that begins with three listings."""
    given = {"store_id": store_id, "rule_set": "follow", "least_skus": 3, "seed": "a", **changes}
    made = owner.post(PILOTS, given)
    assert made.status_code == 201, made.content
    body: dict[str, Any] = made.json()
    return body


def live(
    acme: ClientRef, store_id: int, members: list[str], *, units: int, others: int = 10, days: int = 7,
    first: date = FIRST, buy_box: str = "0.90",
) -> datetime:  # fmt: skip
    """Days of sales, of members and of others; returns noon of the day after, with fresh prices."""
    end = at_noon(first + days * DAY)
    with use_tenant(acme):
        for sku in SKUS:
            is_member = sku in members
            for n in range(days):
                sold, share = (units, buy_box) if is_member else (others, "0.90")
                sell(store_id, first + n * DAY, sold, sku=sku, buy_box=share)
        see(store_id, end)
    return end


def look_at(acme: ClientRef, at: datetime) -> int:
    """A round of looking after, at an instant."""
    with clock.frozen(at), use_tenant(acme):
        return look_after_pilots()


def test_it_begins_small_widens_week_by_week_and_finishes(
    store: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Three of twelve, then six, then all; members sell as well as the others, so nothing stops it."""
    body = begin(owner, store)
    assert (body["stage"], body["share"], len(body["members"]), body["listings"]) == (1, "0.05", 3, 12)
    assert body["stage_on"] == FIRST.isoformat()
    sizes = [3]
    first = FIRST
    for stage in range(4):
        members = get(owner, f"price-pilots/{body['id']}")["members"]
        sizes.append(len(members))
        early = live(acme, store, members, units=10, days=6, first=first)
        assert look_at(acme, early) == 0
        end = live(acme, store, members, units=10, days=1, first=first + 6 * DAY)
        assert look_at(acme, end) == 1, get(owner, f"price-pilots/{body['id']}")
        first = first + 8 * DAY
        shown = get(owner, f"price-pilots/{body['id']}")
        assert shown["observed"]["contribution_change"] == "0.0000", (stage, shown)
    assert sizes == [3, 3, 3, 6, 12]
    assert (shown["state"], shown["reasons"][0]["code"]) == ("finished", "all_in")
    with use_tenant(acme):
        rule_set = PriceRuleSet.objects.get().pk
        assert allows(store, rule_set, SKUS) == set(SKUS)
        verbs = list(AuditEntry.objects.filter(verb__startswith="price_pilot").values_list("verb", flat=True))
    assert verbs.count("price_pilot.widened") == 3


@pytest.mark.parametrize(
    ("units", "buy_box", "code", "change"),
    [
        (9, "0.90", "contribution_fell", "-0.1000"),
        (10, "0.75", "buy_box_fell", "0.0000"),
    ],
)
def test_a_guardrail_stops_it_and_takes_its_suggestions_back(
    units: int,
    buy_box: str,
    code: str,
    change: str,
    store: int,
    owner: ValidatingClient,
    acme: ClientRef,
) -> None:
    """On its first evening: withdrawn, told, and nothing more from this rule set here."""
    body = begin(owner, store)
    chosen = body["members"][0]
    with use_tenant(acme):
        rule_set = PriceRuleSet.objects.get().pk
        suggested = propose(
            context=get_context(store, chosen), kind=ProposalKind.RULES, price=Decimal("29.00"),
            reasons=[Reason("x", "x")], rule_set=(rule_set, 1),
        )  # fmt: skip
    end = live(acme, store, body["members"], units=units, days=1, buy_box=buy_box)
    assert look_at(acme, end) == 1
    found = get(owner, f"price-pilots/{body['id']}")
    assert found["state"] == "stopped"
    assert code in [reason["code"] for reason in found["reasons"]]
    assert found["observed"]["contribution_change"] == change
    with use_tenant(acme):
        assert Recommendation.objects.get(pk=suggested).state == "withdrawn"
        news = OutboxEvent.objects.get(type="pricing.pilot_stopped").payload
        assert (news["reasons"], news["withdrawn"]) == ([code], 1)
        assert allows(store, rule_set, SKUS) == set()
        PriceRuleSet.objects.update(active_version=2)
        assert allows(store, rule_set, SKUS) == set(SKUS)
    assert look_at(acme, end) == 0


def test_what_all_listings_suffer_is_not_the_pilots_fault(
    store: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Everybody sells half: the members' change less the control's is nothing."""
    body = begin(owner, store)
    end = live(acme, store, body["members"], units=5, others=5)
    assert look_at(acme, end) == 1
    found = get(owner, f"price-pilots/{body['id']}")
    assert (found["state"], found["stage"]) == ("running", 2)
    assert (found["observed"]["members"], found["observed"]["controls"]) == (3, 9)


def test_prices_below_the_floor_and_streams_that_stop_stop_it(
    store: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Costs of one member rise above its price; and no sync has looked for days."""
    body = begin(owner, store)
    with use_tenant(acme):
        sheet = c.CostSheetLine.objects.filter(sheet__sku=body["members"][0])
        assert sheet.update(amount=29) == 1
    assert look_at(acme, at_noon(TODAY + 9 * DAY)) == 1
    found = get(owner, f"price-pilots/{body['id']}")
    assert [reason["code"] for reason in found["reasons"]] == ["below_floor", "stale"]
    assert found["observed"]["below_floor"] == [body["members"][0]]


def test_a_run_leaves_those_who_are_not_in_alone(
    store: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Every listing that is not a member is held for the pilot, no member is; suggestions of others went."""
    with use_tenant(acme):
        rule_set = PriceRuleSet.objects.get().pk
        for sku in SKUS:
            propose(
                context=get_context(store, sku), kind=ProposalKind.RULES, price=Decimal("29.00"),
                reasons=[Reason("x", "x")], rule_set=(rule_set, 1),
            )  # fmt: skip
    body = begin(owner, store)
    with use_tenant(acme):
        live_ones = Recommendation.objects.filter(state="open").values_list("sku", flat=True)
        assert sorted(live_ones) == body["members"]
        run = refresh(store_id=store, skus=SKUS)
        held = PricingRunItem.objects.filter(run_id=run.run_id, codes__contains=["pilot"])
        assert sorted(held.values_list("sku", flat=True)) == sorted(set(SKUS) - set(body["members"]))
        assert set(held.values_list("outcome", flat=True)) == {"hold"}


def test_another_version_in_force_stops_it(store: int, owner: ValidatingClient, acme: ClientRef) -> None:
    """What was piloted is not what would be rolled out."""
    body = begin(owner, store)
    with use_tenant(acme):
        PriceRuleSet.objects.update(active_version=0)
    assert look_at(acme, NOW) == 1
    assert get(owner, f"price-pilots/{body['id']}")["reasons"][0]["code"] == "rule_set_changed"


def test_who_may_begin_and_stop_one(
    store: int,
    other_us: int,
    owner: ValidatingClient,
    acme: ClientRef,
    globex: ClientRef,
    as_role: Callable[..., ValidatingClient],
) -> None:
    """Not a client_viewer, not twice, not without rules in force; theirs is unknown and runs on."""
    asked = {"store_id": store, "rule_set": "follow"}
    assert as_role(Role.CLIENT_VIEWER).post(PILOTS, asked).status_code == 403
    assert owner.post(PILOTS, {**asked, "rule_set": "none"}).status_code == 404
    assert owner.post(PILOTS, {**asked, "skus": ["GONE"]}).status_code == 404
    outside = owner.post(PILOTS, {**asked, "skus": ["TENT"]})
    assert [each["code"] for each in outside.json()["errors"]] == ["not_in_scope"]
    with use_tenant(acme):
        assert not PricePilot.objects.exists()
    body = begin(owner, store)
    assert owner.post(PILOTS, asked).status_code == 409
    path = f"{PILOTS}/{body['id']}/stop"
    assert owner.post(path, {"reason": "x"}).status_code == 428
    assert owner.post(path, {"reason": "x"}, headers={"If-Match": '"9"'}).status_code == 412
    stopped = owner.post(path, {"reason": "recall"}, headers={"If-Match": '"1"'})
    assert (stopped.json()["state"], stopped["ETag"]) == ("stopped", '"2"'), stopped.content
    assert owner.post(path, {"reason": "x"}, headers={"If-Match": '"2"'}).status_code == 409
    with use_tenant(globex):
        theirs = PricePilot.objects.create(
            id=8_201, store_id=other_us, rule_set_id=1, rule_set_key="x", rule_set_version=1, skus=[],
            seed="x", stage_on=FIRST, started_on=FIRST, guardrails={}, state="running", started_at=NOW,
            started_by="x",
        )  # fmt: skip
    assert owner.get(f"{PILOTS}/{theirs.pk}").status_code == 404
    refused = owner.post(f"{PILOTS}/{theirs.pk}/stop", {"reason": "x"}, headers={"If-Match": '"1"'})
    assert refused.status_code == 404
    assert [row["id"] for row in get(owner, "price-pilots")["data"]] == [body["id"]]
    with use_tenant(globex):
        assert PricePilot.objects.get().state == "running"
