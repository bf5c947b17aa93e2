"""Deciding on suggestions: signatures, today's check, two levels, races, many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection

from config.lib import clock
from config.lib.errors import Invalid
from pricing.engine.approval import Level, Range
from pricing.engine.approval_policy import Policy, dump
from pricing.models import ApprovalDecision, ApprovalPolicy, PriceExecution, Recommendation
from pricing.services import approvals, bulk_approvals
from pricing.services.approvals import (
    Approver,
    NotNow,
    OutsideYourRange,
    SuggestionNoLongerHolds,
    approve,
    escalate,
    reject,
)
from pricing.services.bulk_approvals import Choice, approve_many
from pricing.services.halts import HaltScope, PricingHalted, halt
from pricing.services.transitions import MoveNotAllowed, RecommendationChanged
from pricing.structure import Cost
from pricing.types import Lock, LockKind, PricingContext, ProposalKind
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry, OutboxEvent
from tenants.types import ClientRef, Role
from tests.pricing.approval.suggestions import NOW, listing, suggest
from tests.pricing.promotions.shops import make_shop

OPERATOR = Approver(1, Role.OPERATOR)
MANAGER = Approver(2, Role.MANAGER, can_clear=True)
CLIENT = Approver(3, Role.CLIENT_ADMIN)

Today = dict[str, PricingContext]


@pytest.fixture
def today(store: int, in_acme: ClientRef, monkeypatch: pytest.MonkeyPatch) -> Today:
    """What is known of the listings at the approval; a test replaces what changed."""
    known = {sku: listing(store, sku) for sku in ("TENT", "LAMP")}
    monkeypatch.setattr(approvals, "get_context", lambda store_id, sku: known[sku])

    def load(*, store_id: int, skus: list[str]) -> list[PricingContext]:
        return [known[sku] for sku in skus]

    monkeypatch.setattr(bulk_approvals, "load_contexts", load)
    return known


def sign(row: Recommendation, approver: Approver = OPERATOR, **given: Any) -> approvals.Decided:
    """Approve at the version that was seen."""
    return approve(recommendation_id=row.pk, version=row.version, approver=approver, **given)


def traces() -> tuple[Any, ...]:
    """Everything that a refused request must leave as it was."""
    rows = Recommendation.objects.order_by("id").values_list("id", "state", "version", "level_needed")
    counts = [table.objects.count() for table in (ApprovalDecision, PriceExecution, AuditEntry, OutboxEvent)]
    return (*rows, *counts)


def test_an_approval_is_signed_told_and_due(store: int, today: Today) -> None:
    """+3 % above the target is an operator's: state, price, who, when, and the check four hours after due."""
    row = suggest(store, "30.90")
    assert sign(row).state == "approved"
    row.refresh_from_db()
    assert (row.approved_amount, row.approved_at) == (D("30.90"), NOW)
    signed = ApprovalDecision.objects.get()
    assert (signed.level, signed.verdict, signed.is_override) == ("operator", "approved", False)
    assert PriceExecution.objects.get().check_at == NOW + timedelta(hours=28)
    assert OutboxEvent.objects.get(type="pricing.transitioned").payload["state"] == "approved"
    assert AuditEntry.objects.filter(verb="recommendation.approved").count() == 1


@pytest.mark.parametrize(
    ("price", "approver", "is_refused"),
    [
        ("31.50", OPERATOR, False),
        ("31.51", OPERATOR, True),
        ("31.51", MANAGER, False),
        ("33.01", MANAGER, True),
        ("33.01", CLIENT, False),
        ("30.90", Approver(9, Role.ANALYST), True),
        ("30.90", Approver(9, None), True),
    ],
)
def test_the_range_binds_and_a_refusal_changes_nothing(
    price: str, approver: Approver, is_refused: bool, store: int, today: Today
) -> None:
    """Each position up to its range, to the cent."""
    row = suggest(store, price)
    before = traces()
    if not is_refused:
        assert sign(row, approver).state == "approved"
        return
    with pytest.raises(OutsideYourRange) as refused:
        sign(row, approver)
    assert refused.value.errors[0].code == "outside_your_range"
    assert traces() == before


def test_costs_that_rose_since_expire_the_suggestion(store: int, today: Today) -> None:
    """The floor is checked at the exact tick with today's costs; the problem names it, nothing is signed."""
    row = suggest(store, "28.99")
    dearer = replace(today["TENT"].structure, costs=(Cost("landed", D(24)),))
    today["TENT"] = replace(today["TENT"], structure=dearer)
    with pytest.raises(SuggestionNoLongerHolds) as told:
        sign(row, CLIENT)
    assert [error.code for error in told.value.errors] == ["below_floor_now"]
    row.refresh_from_db()
    assert (row.state, row.approved_amount) == ("expired", None)
    assert "floor" in str(AuditEntry.objects.get(verb="recommendation.expired").after)
    assert not ApprovalDecision.objects.exists()
    assert not PriceExecution.objects.exists()


def test_a_price_that_moved_since_expires_the_suggestion(store: int, today: Today) -> None:
    """The step was computed from another price."""
    row = suggest(store, "30.90")
    today["TENT"] = replace(today["TENT"], price=D("29.50"))
    with pytest.raises(SuggestionNoLongerHolds) as told:
        sign(row, CLIENT)
    assert told.value.errors[0].code == "price_moved"


LOCK = Lock(LockKind.MANUAL, 4, None, "A talk")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"locks": (LOCK,)}, "locked"),
        ({"last_changed_at": NOW - timedelta(hours=3, minutes=59)}, "cadence"),
        ({"changes_today": 2}, "changes_today"),
    ],
)
def test_what_passes_by_itself_refuses_and_keeps_the_suggestion(
    change: dict[str, Any], code: str, store: int, today: Today
) -> None:
    """Locks, the four hours, the day's changes: 409, and everything stays as it was."""
    row = suggest(store, "30.90")
    today["TENT"] = replace(today["TENT"], **change)
    before = traces()
    with pytest.raises(NotNow) as told:
        sign(row)
    assert told.value.errors[0].code == code
    assert traces() == before


def test_another_price_needs_a_reason_a_tick_and_the_range(store: int, today: Today) -> None:
    """An override: refused without reason, off the tick or below the floor; within the range it counts."""
    row = suggest(store, "30.90")
    before = traces()
    for price, reason in (("30.50", ""), ("30.505", "round"), ("3.00", "cheap")):
        with pytest.raises(Invalid):
            sign(row, CLIENT, price=D(price), reason=reason)
    with pytest.raises(OutsideYourRange):
        sign(row, OPERATOR, price=D("33.00"), reason="more")
    assert traces() == before
    sign(row, OPERATOR, price=D("30.50"), reason="A rounder price")
    row.refresh_from_db()
    assert (row.approved_amount, row.decision_reason) == (D("30.50"), "A rounder price")
    assert ApprovalDecision.objects.get().is_override


def two_levels(store_id: int) -> None:
    """A policy in which an operator's signature needs an account manager's."""
    policy = Policy((Range(Level.OPERATOR, D("0.05"), second=Level.MANAGER), Range(Level.CLIENT)))
    ApprovalPolicy.objects.create(
        store_id=store_id,
        version=1,
        effective_on=NOW.date(),
        document=dump(policy),
        recorded_at=NOW,
        recorded_by="x",
    )


def test_two_levels_take_two_people(store: int, today: Today) -> None:
    """The first signature hands it on with its price; the same person or level cannot give the second."""
    two_levels(store)
    row = suggest(store, "30.90")
    first = sign(row, OPERATOR, price=D("30.60"), reason="rounder")
    assert (first.state, first.level_needed) == ("escalated", "account_manager")
    row.refresh_from_db()
    for other in (OPERATOR, Approver(8, Role.OPERATOR)):
        with pytest.raises(OutsideYourRange):
            sign(row, other)
    with pytest.raises(Invalid):
        sign(row, MANAGER, price=D("30.70"), reason="even rounder")
    assert sign(row, MANAGER).state == "approved"
    row.refresh_from_db()
    assert row.approved_amount == D("30.60")


def test_the_author_does_not_sign_last(store: int, today: Today) -> None:
    """Four eyes: a price proposed by hand takes another person."""
    row = suggest(store, "30.90", kind=ProposalKind.MANUAL, extra={"author_id": 1})
    with pytest.raises(OutsideYourRange):
        sign(row, OPERATOR)
    assert sign(row, Approver(5, Role.OPERATOR)).state == "approved"


def test_clearance_below_the_landed_floor_takes_the_right_to_clear_and_the_client(
    store: int, today: Today
) -> None:
    """Neither alone; any other kind is refused below the floor."""
    row = suggest(store, "9.00", kind=ProposalKind.CLEARANCE, floor=D("8.00"))
    for other in (OPERATOR, CLIENT):
        with pytest.raises(OutsideYourRange):
            sign(row, other)
    assert sign(row, MANAGER).level_needed == "client"
    row.refresh_from_db()
    with pytest.raises(OutsideYourRange):
        sign(row, Approver(7, Role.OWNER, can_clear=True))
    assert sign(row, CLIENT).state == "approved"


def test_escalation_binds_and_rejection_ends(store: int, today: Today) -> None:
    """Escalated by hand it takes the higher level; a rejected one cannot be approved any more."""
    row = suggest(store, "30.90")
    moved = escalate(recommendation_id=row.pk, version=1, approver=OPERATOR, reason="?", to=Level.CLIENT)
    row.refresh_from_db()
    assert (row.state, row.level_needed) == ("escalated", "client")
    with pytest.raises(OutsideYourRange):
        sign(row, MANAGER)
    with pytest.raises(RecommendationChanged):
        reject(recommendation_id=row.pk, version=moved.version - 1, approver=CLIENT, reason="no")
    with pytest.raises(Invalid):
        reject(recommendation_id=row.pk, version=moved.version, approver=CLIENT, reason=" ")
    reject(recommendation_id=row.pk, version=moved.version, approver=CLIENT, reason="no")
    row.refresh_from_db()
    with pytest.raises(MoveNotAllowed):
        sign(row, CLIENT)


def test_many_at_once_are_told_one_by_one(store: int, today: Today) -> None:
    """One within the range, one not: the first is approved, unless atomic or a dry run."""
    suggest(store, "30.90")
    suggest(store, "34.00", sku="LAMP")
    before = traces()
    choice = Choice(store_id=store)
    with pytest.raises(Invalid):
        approve_many(choice=Choice(), approver=OPERATOR, reason="")
    for mode in ({"dry_run": True}, {"atomic": True}):
        told = approve_many(choice=choice, approver=OPERATOR, reason="", **mode)
        assert [each.status for each in told] == ([200, 403] if "dry_run" in mode else [409, 403])
        assert traces() == before
    told = approve_many(choice=choice, approver=OPERATOR, reason="")
    assert [(each.sku, each.status, each.code, each.state) for each in told] == [
        ("TENT", 200, "", "approved"),
        ("LAMP", 403, "outside_your_range", "open"),
    ]
    assert approve_many(choice=Choice(largest_change=D("0.05")), approver=OPERATOR, reason="") == []


@pytest.mark.parametrize("scope", list(HaltScope))
def test_nothing_is_approved_while_halted(scope: HaltScope, store: int, today: Today) -> None:
    """What was live is withdrawn, what is proposed afterwards cannot be signed."""
    row = suggest(store, "30.90", rule_set=(7, 1))
    where: dict[HaltScope, dict[str, int]] = {
        HaltScope.CLIENT: {},
        HaltScope.STORE: {"store_id": store},
        HaltScope.RULE_SET: {"rule_set_id": 7},
    }
    assert halt(scope=scope, reason="wrong prices", **where[scope]).withdrawn == 1
    row.refresh_from_db()
    assert (row.state, row.decision_reason) == ("withdrawn", "halted: wrong prices")
    Recommendation.objects.filter(pk=row.pk).update(version=9)
    with pytest.raises(PricingHalted):
        approve(recommendation_id=row.pk, version=None, approver=OPERATOR)


def _at_once(acme: ClientRef, works: list[Callable[[], Any]]) -> list[Any]:
    """Run them in threads that begin together; what each returned or raised."""
    ready = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(index: int) -> None:
        try:
            with ExitStack() as scope:
                scope.enter_context(use_tenant(acme))
                ready.wait(10)
                try:
                    results[index] = works[index]()
                except Exception as error:  # noqa: BLE001 - the test looks at what was raised
                    results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_of_two_approvals_at_once_one_wins(
    committed_db: None, acme: ClientRef, redis: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people sign the same version: one approval, one conflict, one signature."""
    monkeypatch.setattr(approvals, "get_context", lambda store_id, sku: listing(store_id, sku))
    with clock.frozen(NOW):
        with use_tenant(acme):
            row = suggest(make_shop("US"), "30.90")
        found = _at_once(acme, [lambda: sign(row, OPERATOR), lambda: sign(row, CLIENT)])
        with use_tenant(acme):
            assert sorted(type(each).__name__ for each in found) == ["Decided", "RecommendationChanged"]
            assert ApprovalDecision.objects.filter(recommendation_id=row.pk).count() == 1
            assert Recommendation.objects.get(pk=row.pk).version == 2
