"""Observed execution: what syncs prove of approved prices, and of changes nobody approved."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal as D

import pytest

from config.lib import clock
from connectors.facts.happenings import WorkItem
from pricing.models import PriceExecution, PriceObservation, PriceOutcome, Recommendation
from pricing.selectors.history import changes_on, last_changes, price_series, prices_at
from pricing.selectors.locks import locks_of
from pricing.services.observe import ObserveResult, observe_prices
from pricing.services.transitions import move
from pricing.types import LockKind, RecommendationState
from tenants.ledger.models import OutboxEvent
from tenants.types import ClientRef
from tests.pricing.approval.suggestions import NOW, suggest, sync_listing, sync_offer

HOUR = timedelta(hours=1)


@pytest.fixture
def shop(store: int, in_acme: ClientRef) -> int:
    """The store, inside acme, its first prices noted."""
    observe_prices(store)
    return store


def approved(store_id: int, price: str) -> Recommendation:
    """An approved suggestion whose price is due tomorrow and checked four hours later."""
    row = suggest(store_id, price)
    move(row.pk, RecommendationState.APPROVED)
    PriceExecution.objects.create(
        recommendation_id=row.pk,
        store_id=store_id,
        sku=row.sku,
        approved_at=NOW,
        due_at=NOW + 24 * HOUR,
        check_at=NOW + 28 * HOUR,
    )
    return row


def look(store_id: int, at: datetime) -> ObserveResult:
    """Look at the facts at an instant."""
    with clock.frozen(at):
        return observe_prices(store_id)


def state(row: Recommendation) -> str:
    """Its state now."""
    return Recommendation.objects.get(pk=row.pk).state


def test_the_first_sight_is_no_change(shop: int) -> None:
    """What was there when we began is noted, is no change, and is not noted again."""
    assert PriceObservation.objects.count() == 2
    assert not PriceObservation.objects.filter(is_change=True).exists()
    assert observe_prices(shop) == ObserveResult()
    assert last_changes(shop) == {}


@pytest.mark.parametrize(
    ("price", "result"),
    [("31.00", "executed"), ("31.01", "executed"), ("30.50", "partial"), ("29.00", "deviated")],
)
def test_a_sync_proves_what_became_of_an_approved_price(shop: int, price: str, result: str) -> None:
    """By the record path of connectors: the state, the observed price and instant, and the work fact."""
    row = approved(shop, "31.00")
    at = NOW + 2 * HOUR
    sync_listing(shop, price, at)
    found = look(shop, at + HOUR)
    row.refresh_from_db()
    assert row.state == result
    assert (row.observed_amount, row.observed_at) == (D(price), at)
    assert getattr(found, result) == 1
    work = WorkItem.objects.get(kind="price_execution")
    assert (work.started_at, work.finished_at, work.is_ok) == (NOW, at, None)
    assert WorkItem.objects.filter(kind="price_change", is_ok=True).count() == 1
    assert PriceOutcome.objects.filter(recommendation_id=row.pk).exists() is (result == "executed")
    assert locks_of(shop, ["TENT"], at) == {}


def test_a_wrong_execution_is_put_right(shop: int) -> None:
    """Half-way first, the rest an hour later: executed after all."""
    row = approved(shop, "31.00")
    sync_listing(shop, "30.40", NOW + HOUR)
    look(shop, NOW + HOUR)
    assert state(row) == "partial"
    sync_listing(shop, "31.00", NOW + 2 * HOUR)
    assert look(shop, NOW + 2 * HOUR).executed == 1
    assert state(row) == "executed"


def test_the_own_offer_proves_it_too_and_its_echo_counts_once(shop: int) -> None:
    """Offer and listing show the same change: one change, of which the second sight is an echo."""
    sync_offer(shop, "30.00", NOW - HOUR)
    look(shop, NOW)
    row = approved(shop, "31.00")
    sync_offer(shop, "31.00", NOW + HOUR)
    assert look(shop, NOW + HOUR).executed == 1
    sync_listing(shop, "31.00", NOW + 2 * HOUR)
    found = look(shop, NOW + 2 * HOUR)
    assert (found.observed, found.changes) == (1, 0)
    assert state(row) == "executed"
    assert changes_on(shop, ["TENT"], NOW.date()) == {"TENT": 1}


def test_back_to_the_listings_price_after_a_sale_is_a_change(shop: int) -> None:
    """A sale shows in the offer alone; its end is no echo of the listing's old price."""
    sync_offer(shop, "30.00", NOW - 3 * HOUR)
    sync_offer(shop, "25.00", NOW - 2 * HOUR)
    sync_offer(shop, "30.00", NOW - HOUR)
    assert look(shop, NOW).changes == 2
    change = last_changes(shop, ["TENT"])["TENT"]
    assert (change.before, change.after, change.observed_at) == (D(25), D(30), NOW - HOUR)


def test_a_change_nobody_approved_closes_the_suggestion(shop: int) -> None:
    """Absorbed: the suggestion's inputs are gone, the event says what moved, nothing is frozen."""
    row = suggest(shop, "31.00")
    sync_listing(shop, "28.00", NOW + HOUR)
    assert look(shop, NOW + HOUR).external == 1
    assert state(row) == "external_change"
    assert locks_of(shop, ["TENT"], NOW + HOUR) == {}
    event = OutboxEvent.objects.get(type="pricing.price_moved")
    assert (event.payload["before"], event.payload["after"]) == ("30.0000", "28.0000")


@pytest.mark.parametrize(("price", "is_frozen"), [("18.00", False), ("17.99", True), ("42.01", True)])
def test_a_drastic_change_freezes_the_listing(shop: int, price: str, is_frozen: bool) -> None:
    """More than 40 % without an approval: a freeze lock that only a person releases; 40 % is not enough."""
    sync_listing(shop, price, NOW + HOUR)
    found = look(shop, NOW + HOUR)
    assert (found.external, found.frozen) == (1, int(is_frozen))
    locks = locks_of(shop, ["TENT"], NOW + HOUR).get("TENT", ())
    assert [lock.kind for lock in locks] == ([LockKind.FREEZE] if is_frozen else [])


@pytest.mark.parametrize(
    ("price", "is_ok"), [("31.00", True), ("31.15", True), ("31.20", False), (None, False)]
)
def test_four_hours_after_it_was_due_the_live_price_is_compared(
    shop: int, price: str | None, is_ok: bool
) -> None:
    """Within half a percent at the check, whatever came later; never carried out counts as deviating."""
    row = approved(shop, "31.00")
    if price is not None:
        sync_listing(shop, price, NOW + 3 * HOUR)
        look(shop, NOW + 3 * HOUR)
    assert look(shop, NOW + 27 * HOUR).checked == 0
    sync_listing(shop, "35.00", NOW + 29 * HOUR)
    assert look(shop, NOW + 29 * HOUR).checked == 1
    assert PriceExecution.objects.get(recommendation_id=row.pk).is_ok is is_ok
    assert WorkItem.objects.get(kind="price_execution").is_ok is is_ok
    assert look(shop, NOW + 30 * HOUR).checked == 0


def test_changes_too_close_together_are_told(shop: int) -> None:
    """The second change within four hours breaks the interval; one at four hours keeps it."""
    for hours, price in ((1, "29.00"), (4, "28.00"), (8, "27.00")):
        sync_listing(shop, price, NOW + hours * HOUR)
        look(shop, NOW + hours * HOUR)
    spaced = WorkItem.objects.filter(kind="price_change").order_by("started_at")
    assert [item.is_ok for item in spaced] == [True, False, True]


def test_the_history_is_told(shop: int) -> None:
    """The series begins with the price that stood before it; prices at an instant are those before."""
    for days, price in ((1, "29.00"), (2, "28.00")):
        sync_listing(shop, price, NOW + timedelta(days=days))
        look(shop, NOW + timedelta(days=days))
    first = NOW.date() + timedelta(days=2)
    assert [point.amount for point in price_series(shop, "TENT", first, first)] == [D(29), D(28)]
    at = NOW + timedelta(days=1, hours=12)
    assert prices_at(shop, ["TENT", "LAMP", "NONE"], at) == {"TENT": D(29), "LAMP": D(12)}
