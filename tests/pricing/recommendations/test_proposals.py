"""Opening suggestions: one live per listing, the same one never twice, replaced ones known."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection

from config.lib import clock
from pricing.engine import snapshot
from pricing.engine.contribution import evaluate, keeps
from pricing.models import Recommendation
from pricing.services.proposals import BelowFloor, propose
from pricing.services.transitions import move
from pricing.types import LIVE_STATES, PricingContext, ProposalKind, Reason, RecommendationState
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry, OutboxEvent
from tenants.types import ClientRef
from tests.pricing.recommendations.listings import AT, STRUCTURE, context

WHY = (Reason("rule", "Follow the rival down"),)


@pytest.fixture
def now(in_acme: ClientRef) -> Iterator[clock.FrozenClock]:
    """Inside acme, at the moment of the contexts."""
    with clock.frozen(AT) as frozen:
        yield frozen


def suggest(given: PricingContext | None = None, price: str = "28.99", **changes: Any) -> int:
    """Suggest a price by the rules."""
    return propose(
        context=given or context(),
        price=D(price),
        **{"kind": ProposalKind.RULES, "reasons": WHY, **changes},
    )


def live() -> list[int]:
    """The live suggestions."""
    states = [state.value for state in LIVE_STATES]
    return list(Recommendation.objects.filter(state__in=states).values_list("id", flat=True))


def test_a_suggestion_says_everything(now: Any) -> None:
    """Figures equal to the engine's at the exact tick, the whole snapshot, its digest, and a sentence."""
    row = Recommendation.objects.get(pk=suggest())
    then, before = evaluate(STRUCTURE, D("28.99")), evaluate(STRUCTURE, D("29.99"))
    assert row.expected_contribution_amount == then.contribution.quantize(D("0.0001"))
    assert row.current_contribution_amount == before.contribution.quantize(D("0.0001"))
    assert then.margin is not None
    assert row.expected_margin == then.margin.quantize(D("0.000001"))
    assert row.gain_per_day_amount == ((then.contribution - before.contribution) * 5).quantize(D("0.0001"))
    assert keeps(STRUCTURE, row.floor_amount, D(0))
    assert not keeps(STRUCTURE, row.floor_amount - D("0.01"), D(0))
    assert row.target_amount is not None
    assert keeps(STRUCTURE, row.target_amount, D("0.20"))
    assert snapshot.load(row.inputs["context"]) == context()
    assert row.inputs_sha256 == snapshot.digest(row.inputs)
    assert row.headline.startswith("Rival 5.0 % cheaper, rank 8, Follow the rival down: 29.99 → 28.99 USD, ")
    assert row.headline.endswith(f"floor {row.floor_amount:.2f}")
    assert row.expires_at == AT + timedelta(hours=24)
    assert {each["code"] for each in row.confidence_why} >= {"elasticity_unknown", "weak_source"}
    assert D(0) < row.confidence < D(1)


def test_the_same_suggestion_is_confirmed_and_not_opened_again(now: clock.FrozenClock) -> None:
    """Hours later, with the same case: the same row at the same version; only its time runs longer."""
    first = suggest()
    later = AT + timedelta(hours=6)
    now.move_to(later)
    again = suggest(context(at=later, stock_age_days=41))
    row = Recommendation.objects.get()
    assert again == first == row.pk
    assert (row.version, row.opened_at, row.confirmed_at) == (1, AT, later)
    assert row.expires_at == later + timedelta(hours=24)
    assert OutboxEvent.objects.filter(type="pricing.suggested").count() == 1


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        (context(), {"price": "28.49"}),
        (context(), {"kind": ProposalKind.FX}),
        (context(), {"source_id": 9}),
        (context(structure=replace(STRUCTURE, target_margin=D("0.25"))), {}),
    ],
)
def test_another_suggestion_replaces_the_live_one(
    given: PricingContext, changes: dict[str, Any], now: Any
) -> None:
    """Another price, kind, source or cost: the old one is superseded and names its successor."""
    first = suggest()
    second = suggest(given, **changes)
    assert live() == [second]
    old = Recommendation.objects.get(pk=first)
    assert (old.state, old.superseded_by_id, old.closed_at) == ("superseded", second, AT)
    verbs = list(AuditEntry.objects.order_by("seq").values_list("verb", flat=True))
    assert verbs == ["recommendations.suggested", "recommendation.superseded", "recommendations.suggested"]
    events = set(OutboxEvent.objects.values_list("type", flat=True))
    assert events == {"pricing.suggested", "pricing.transitioned"}


def test_an_approved_price_stands_while_it_is_suggested(now: Any) -> None:
    """Costs that moved without another price do not take an approval away; another price does."""
    first = suggest()
    move(first, RecommendationState.APPROVED, reason="fine")
    moved = replace(STRUCTURE, target_margin=D("0.25"))
    assert suggest(context(structure=moved)) == first
    assert suggest(context(structure=moved), price="28.49") != first
    assert Recommendation.objects.get(pk=first).state == "superseded"


def test_a_price_below_its_floor_is_not_suggested(now: Any) -> None:
    """One tick below the lowest price that keeps the margin: refused, and nothing is written."""
    floor = Recommendation.objects.get(pk=suggest()).floor_amount
    with pytest.raises(BelowFloor):
        suggest(price=str(floor - D("0.01")))
    with pytest.raises(BelowFloor):
        suggest(price="14.99", kind=ProposalKind.CLEARANCE, floor=D("15.00"))
    assert Recommendation.objects.count() == 1
    cleared = suggest(price="15.00", kind=ProposalKind.CLEARANCE, floor=D("15.00"))
    assert Recommendation.objects.get(pk=cleared).floor_amount == D("15.00")


def test_two_at_once_come_to_one_suggestion(committed_db: None, acme: ClientRef) -> None:
    """Eight threads with two different prices: one live suggestion, every other one superseded, none lost."""
    barrier, seen, faults = threading.Barrier(8), [], []

    def work(price: str) -> None:
        try:
            with ExitStack() as stack:
                stack.enter_context(use_tenant(acme))
                barrier.wait()
                seen.append(suggest(price=price))
        except Exception as error:  # noqa: BLE001 - told to the test's own thread
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(("28.99", "28.49")[n % 2],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with use_tenant(acme):
        assert len(live()) == 1
        assert Recommendation.objects.count() == len(set(seen))
        rest = Recommendation.objects.exclude(pk=live()[0])
        assert {row.state for row in rest} <= {"superseded"}
        assert {row.superseded_by_id for row in rest} <= set(seen)
