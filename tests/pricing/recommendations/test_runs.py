"""Runs over many listings: what is said of each, one by one when it must be, and on after a kill."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from config.lib import clock
from connectors import models as c
from pricing.models import ListingProfile, PricingRun, PricingRunEvent, PricingRunItem, Recommendation
from pricing.rules import evaluate
from pricing.selectors import context as contexts
from pricing.selectors.reproduction import reproduce
from pricing.selectors.runs import get_run
from pricing.services import judge, recommend
from pricing.services.halts import HaltScope, PricingHalted, halt
from pricing.services.proposals import propose
from pricing.services.recommend import refresh, work_off
from pricing.services.runs import follow_changes, start_nightly_runs, start_run
from pricing.services.transitions import move
from pricing.types import (
    LIVE_STATES,
    PriceCheck,
    PricingContext,
    ProposalKind,
    Reason,
    RecommendationState,
    Trigger,
)
from tenants.context import use_tenant
from tenants.tasking import run_job_now
from tenants.types import ClientRef, JobState
from tests.pricing.recommendations.shop import NOW, make_shop, put_in_force

FIRST, SECOND = "SKU-000001", "SKU-000002"


@pytest.fixture
def shop(in_acme: ClientRef) -> Iterator[int]:
    """A store of acme with eleven listings; the 1st, 6th and 11th have a rival 5 % cheaper."""
    with clock.frozen(NOW):
        store_id = make_shop(11)
        put_in_force()
        yield store_id


def items(run_id: int) -> dict[str, PricingRunItem]:
    """What the run said, by SKU."""
    return {row.sku: row for row in PricingRunItem.objects.filter(run_id=run_id)}


def state(store_id: int, sku: str, **values: Any) -> None:
    """State a listing's profile."""
    ListingProfile.objects.create(store_id=store_id, sku=sku, updated_at=NOW, updated_by="test", **values)


def test_every_listing_has_its_outcome(shop: int) -> None:
    """Suggested with a price, held with the reason, and again: confirmed instead of opened."""
    first = refresh(store_id=shop)
    assert (first.total, first.suggested, first.held, first.opened) == (11, 3, 8, 3)
    said = items(first.run_id)
    assert said[FIRST].headline.startswith("Rival 5.0 % cheaper, rank 8")
    assert said[FIRST].suggested_amount == D("28.99")
    assert (said[SECOND].outcome, said[SECOND].codes) == ("hold", ["no_rule"])
    again = refresh(store_id=shop)
    assert (again.suggested, again.opened, again.confirmed) == (3, 0, 3)
    assert Recommendation.objects.count() == 3


def test_what_a_person_rejected_does_not_come_back_at_once(shop: int) -> None:
    """The same move stays rejected for a week and the run says by whom; another price is suggested again."""
    first = refresh(store_id=shop, skus=[FIRST])
    rejected = Recommendation.objects.get(sku=FIRST)
    move(rejected.pk, RecommendationState.REJECTED, reason="the rival is closing down")
    held = refresh(store_id=shop, skus=[FIRST])
    assert (first.opened, held.opened, held.held) == (1, 0, 1)
    said = items(held.run_id)[FIRST]
    assert said.codes == ["rejected_before"]
    assert "the rival is closing down" in said.headline
    with clock.frozen(NOW + timedelta(days=8)):
        assert judge.rejections_of(shop, [FIRST]) == {}
    Recommendation.objects.filter(pk=rejected.pk).update(suggested_amount=D("28.79"))
    assert refresh(store_id=shop, skus=[FIRST]).opened == 1


def test_refused_and_blocked_listings_say_why(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stale offers and missing costs block, bounds hold, a law refuses: each with its code."""
    state(shop, FIRST, lowest_amount=D("29.50"))
    c.CostSheetLine.objects.filter(sheet__sku="SKU-000006", line="purchase").delete()
    c.OfferSnapshot.objects.filter(product_id="P11").update(observed_at=NOW - timedelta(hours=30))
    said = items(refresh(store_id=shop).run_id)
    assert "28.99" not in said[FIRST].headline
    assert said["SKU-000006"].outcome == "blocked"
    assert said["SKU-000006"].codes == ["missing_costs"]
    assert (said["SKU-000011"].outcome, said["SKU-000011"].codes) == ("blocked", ["stale_data"])
    assert "competitor is 30 h old" in said["SKU-000011"].headline
    assert not Recommendation.objects.filter(sku__in=["SKU-000006", "SKU-000011"]).exists()
    blocking = PriceCheck("us_test", True, "A law speaks against it.", "§ 1")
    monkeypatch.setattr(judge, "check_price", lambda *_: (blocking,))
    refused = items(refresh(store_id=shop, skus=["SKU-000001"]).run_id)[FIRST]
    assert (refused.outcome, refused.codes) == ("refused", ["us_test"])


def test_a_halt_blocks_everything(shop: int) -> None:
    """Nothing is opened while a halt stands, and every listing says so."""
    halt(scope=HaltScope.STORE, store_id=shop, reason="wrong costs")
    result = refresh(store_id=shop)
    assert (result.blocked, result.opened) == (11, 0)
    assert {row.codes[0] for row in items(result.run_id).values()} == {"halted"}
    with pytest.raises(PricingHalted):
        propose(
            context=contexts.get_context(shop, FIRST),
            kind=ProposalKind.MANUAL,
            price=D("28.99"),
            reasons=(Reason("manual", "By hand"),),
        )
    assert not Recommendation.objects.exists()


def test_a_listing_that_cannot_be_judged_fails_alone(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults in reading, in the rules and in opening are the listing's own; the others come through."""
    loaded: Callable[..., PricingContext] = contexts.context_of

    def broken(whole: Any, sku: str) -> PricingContext:
        if sku == SECOND:
            raise ArithmeticError("nonsense")
        return loaded(whole, sku)

    monkeypatch.setattr(contexts, "context_of", broken)
    ran = evaluate.run

    def fails(context: PricingContext, *rest: Any, **more: Any) -> Any:
        if context.sku == "SKU-000003":
            raise KeyError("a rule's own fault")
        found = ran(context, *rest, **more)
        return replace(found, price=D("9.99")) if context.sku == "SKU-000006" else found

    monkeypatch.setattr(judge, "run_rules", fails)
    result = refresh(store_id=shop, skus=[FIRST, SECOND, "SKU-000003", "SKU-000006", "NONE"])
    said = items(result.run_id)
    assert (result.failed, result.opened) == (4, 1)
    assert {sku: row.codes for sku, row in said.items() if row.outcome == "failed"} == {
        SECOND: ["internal_error"],
        "SKU-000003": ["internal_error"],
        "SKU-000006": ["below_floor"],
        "NONE": ["no_listing"],
    }
    assert "nonsense" not in said[SECOND].headline


def test_what_the_rules_no_longer_say_expires(shop: int) -> None:
    """The rival is gone: the open suggestion expires with the reason; one of another kind stays."""
    refresh(store_id=shop)
    made = contexts.get_context(shop, SECOND)
    kept = propose(
        context=made, kind=ProposalKind.PROMOTION, price=D("25.99"), reasons=(Reason("promotion", "Sale"),)
    )
    c.OfferSnapshot.objects.filter(is_own=False).update(landed_amount=D("35.00"), price_amount=D("35.00"))
    assert refresh(store_id=shop).suggested == 0
    live = Recommendation.objects.filter(state__in=[each.value for each in LIVE_STATES])
    assert [row.pk for row in live] == [kept]
    assert Recommendation.objects.filter(state="expired").count() == 3


def test_a_run_leaves_what_others_suggested(shop: int) -> None:
    """The rules would move the price, but a promotion's suggestion stands: held, and why."""
    made = contexts.get_context(shop, FIRST)
    kept = propose(
        context=made, kind=ProposalKind.PROMOTION, price=D("25.99"), reasons=(Reason("promotion", "Sale"),)
    )
    said = items(refresh(store_id=shop).run_id)[FIRST]
    assert (said.outcome, said.codes) == ("hold", ["other_suggestion"])
    assert Recommendation.objects.get(sku=FIRST).pk == kept


def test_a_family_is_settled_together(shop: int) -> None:
    """The large pack wants to stay, the single to fall: it stops where the pack is not dearer per piece."""
    c.Listing.objects.filter(sku=SECOND).update(price_amount=D("59.00"))
    state(shop, FIRST, family="F", pack_size=1)
    state(shop, SECOND, family="F", pack_size=2)
    said = items(refresh(store_id=shop, skus=[FIRST]).run_id)[FIRST]
    assert (said.outcome, said.suggested_amount) == ("suggest", D("29.50"))
    row = Recommendation.objects.get(sku=FIRST)
    assert [step["name"] for step in row.trace if step["name"] == "family"] == ["family"]
    assert reproduce(row.pk)["is_same"] is True


def test_a_suggestion_is_reproduced_from_what_was_stored(shop: int) -> None:
    """The same inputs and rules give the same price, whatever the facts say by now; tampering shows."""
    refresh(store_id=shop)
    c.OfferSnapshot.objects.all().delete()
    row = Recommendation.objects.get(sku=FIRST)
    assert reproduce(row.pk) == {"is_intact": True, "price": "28.99", "is_same": True}
    row.inputs["context"]["rivals"]["own_landed"] = "28.00"
    row.save(update_fields=["inputs"])
    found = reproduce(row.pk)
    assert (found["is_intact"], found["is_same"]) == (False, False)


def test_an_interrupted_run_goes_on_behind_its_last_step(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third of four steps fails: two are kept; taken up again, each listing has exactly one item."""
    monkeypatch.setattr(recommend, "STEP", 3)
    run = PricingRun.objects.create(store_id=shop, trigger="manual", requested_at=NOW, requested_by="test")
    beats: list[int] = []

    def beat(progress: Mapping[str, Any]) -> None:
        beats.append(progress["done"])
        if len(beats) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        work_off(run.pk, beat)
    assert PricingRunItem.objects.count() == 6
    result = work_off(run.pk)
    assert (result.total, result.opened, PricingRunItem.objects.count()) == (11, 3, 11)
    assert beats == [0, 3, 6]
    kinds = list(PricingRunEvent.objects.order_by("seq").values_list("seq", "kind"))
    assert kinds == [(1, "started"), *((n, "progress") for n in range(2, 6)), (6, "finished")]
    assert work_off(run.pk) == result


_KILLED = """
import os, signal, sys, django
django.setup()
from pricing.services import recommend
from tenants.context import use_tenant
recommend.STEP = 3
steps = []
def beat(progress):
    steps.append(progress)
    if len(steps) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
with use_tenant(int(sys.argv[1])):
    recommend.work_off(int(sys.argv[2]), beat)
"""


def test_a_killed_run_loses_and_repeats_nothing(
    committed_db: None, acme: ClientRef, child_environment: dict[str, str], redis: object
) -> None:
    """kill -9 within the third step's transaction; the job then does the rest, and no listing twice."""
    with clock.frozen(NOW), use_tenant(acme):
        store_id = make_shop(11)
        put_in_force()
        run = start_run(store_id=store_id)
        killed = subprocess.run(
            [sys.executable, "-c", _KILLED, str(acme.id), str(run["id"])],
            env=child_environment,
            capture_output=True,
            check=False,
        )
        assert killed.returncode == -9, killed.stderr.decode()
        assert PricingRunItem.objects.count() == 6
        job = run_job_now(run["job_id"], sleep=lambda _: None)
        assert job.state is JobState.SUCCEEDED, job.problem
        done = get_run(run["id"])
        assert (done["state"], done["done"]) == ("finished", 11)
        assert PricingRunItem.objects.values("sku").distinct().count() == 11


def test_changes_start_runs_over_what_they_concern(shop: int) -> None:
    """Offers: the listings of their products; costs: their SKUs; further changes join the run that waits."""
    (first,) = follow_changes([{"store_id": shop, "product_ids": ["P1", "P7"]}])
    assert get_run(first)["skus"] == [FIRST, "SKU-000007"]
    assert follow_changes([{"store_ids": [shop], "skus": [SECOND]}]) == [first]
    assert get_run(first)["skus"] == [FIRST, SECOND, "SKU-000007"]
    assert follow_changes([{"store_id": shop, "product_ids": ["UNLISTED"]}]) == []
    assert start_nightly_runs() == [first]
    assert get_run(first)["skus"] == []
    asked = start_run(store_id=shop, skus=[FIRST], trigger=Trigger.MANUAL)
    assert asked["id"] != first


def test_a_store_without_rules_is_left_alone(in_acme: ClientRef) -> None:
    """No rule set is in force: changes and nights start nothing."""
    with clock.frozen(NOW):
        store_id = make_shop(1)
        assert follow_changes([{"store_id": store_id, "product_ids": ["P1"]}]) == []
        assert start_nightly_runs() == []
