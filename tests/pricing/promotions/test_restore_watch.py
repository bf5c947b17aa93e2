"""The restore watch: a promotion is over when observed prices prove it, not by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.lib import clock
from connectors import models as c
from pricing.models import Promotion, PromotionItem, Recommendation
from pricing.services.promotions import cancel_promotion
from pricing.services.restore_watch import Watched, watch_promotions
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry, OutboxEvent
from tenants.types import ClientRef
from tests.pricing.promotions.shops import NOW, cost, observe, see

START = datetime(2026, 10, 10, 7, tzinfo=UTC)
END = datetime(2026, 10, 17, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def sale(us: int, acme: ClientRef) -> int:
    """A planned promotion of TENT at 24.00 instead of 30.00; returns its id."""
    with use_tenant(acme):
        cost(us)
        row = Promotion.objects.create(
            store_id=us, name="October sale", kind="promotion", state="planned", currency="USD",
            time_zone="America/Los_Angeles", starts_at=START, ends_at=END, restore_hours=4,
            shows_reference=True, planned_at=NOW, planned_by="Li Na",
        )  # fmt: skip
        PromotionItem.objects.create(
            promotion=row, store_id=us, sku="TENT", promo_amount=24, pre_amount=30, restore_amount=30
        )
        observe(us, "TENT", "30", NOW)
        observe(us, "TENT", "24", START + HOUR)
    return row.pk


def watch_at(at: datetime, acme: ClientRef) -> Watched:
    """A round of watching at an instant."""
    with clock.frozen(at), use_tenant(acme):
        return watch_promotions()


def state_of(sale: int, acme: ClientRef) -> str:
    """The promotion's state."""
    with use_tenant(acme):
        return str(Promotion.objects.get(pk=sale).state)


def work(acme: ClientRef) -> list[tuple[str, str, bool | None]]:
    """What the team's KPI is told."""
    with use_tenant(acme):
        rows = c.WorkItem.objects.filter(kind="promotion_restore").order_by("id")
        return [(row.sku, row.owner, row.is_ok) for row in rows]


def news(acme: ClientRef) -> list[bool]:
    """The alarms that went out: whether each was verified."""
    with use_tenant(acme):
        rows = OutboxEvent.objects.filter(type="pricing.promotion_not_restored").order_by("id")
        return [row.payload["is_verified"] for row in rows]


def test_it_begins_and_ends_by_the_clock(sale: int, us: int, acme: ClientRef) -> None:
    """One second early nothing happens; begun, it is a happening that may explain a move."""
    assert watch_at(START - timedelta(seconds=1), acme) == Watched()
    assert watch_at(START, acme) == Watched(started=1)
    with use_tenant(acme):
        event = c.Event.objects.get(kind="promotion")
        assert (event.sku, event.occurred_at, event.ended_at) == ("TENT", START, END)
    assert watch_at(END - timedelta(seconds=1), acme) == Watched()
    assert watch_at(END, acme) == Watched(ended=1)
    assert watch_at(END + HOUR, acme) == Watched()
    assert (state_of(sale, acme), work(acme), news(acme)) == ("ended", [], [])


@pytest.mark.parametrize(
    ("back_after", "looked_after", "watched_after", "is_ok"),
    [
        (timedelta(minutes=30), HOUR, HOUR, True),
        (4 * HOUR, 4 * HOUR, 5 * HOUR, True),
        (4 * HOUR + timedelta(seconds=1), 5 * HOUR, 5 * HOUR, False),
        (-HOUR, HOUR, HOUR, True),
    ],
)
def test_a_price_seen_back_restores_it_on_time_or_late(
    back_after: timedelta,
    looked_after: timedelta,
    watched_after: timedelta,
    is_ok: bool,
    sale: int,
    us: int,
    acme: ClientRef,
) -> None:
    """Half an hour, exactly four hours, a second more, already before the end: the time observed decides."""
    watch_at(END, acme)
    with use_tenant(acme):
        observe(us, "TENT", "29.90", END + back_after)
        see(us, END + looked_after)
    watch_at(END + watched_after, acme)
    assert state_of(sale, acme) == "restored"
    assert work(acme) == [("TENT", "Li Na", is_ok)]
    assert news(acme) == []
    assert watch_at(END + watched_after + HOUR, acme) == Watched()
    with use_tenant(acme):
        assert PromotionItem.objects.get().restored_at == max(END + back_after, END)


def test_the_clock_alone_proves_nothing(sale: int, us: int, acme: ClientRef) -> None:
    """Without a look after the end it stays ended; past the deadline that is told once, as not verified."""
    watch_at(END, acme)
    with use_tenant(acme):
        observe(us, "TENT", "30", END - HOUR)
        see(us, END - timedelta(minutes=1))
    watch_at(END + 3 * HOUR, acme)
    assert (state_of(sale, acme), news(acme)) == ("ended", [])
    assert watch_at(END + 4 * HOUR, acme).alarms == 1
    assert watch_at(END + 6 * HOUR, acme).alarms == 0
    assert (state_of(sale, acme), news(acme), work(acme)) == ("ended", [False], [])
    with use_tenant(acme):
        assert not Recommendation.objects.exists()
        see(us, END + 7 * HOUR)
    watch_at(END + 7 * HOUR, acme)
    assert (state_of(sale, acme), work(acme)) == ("restored", [("TENT", "Li Na", True)])


def test_a_price_that_stays_down_is_told_and_its_restoration_suggested(
    sale: int, us: int, acme: ClientRef
) -> None:
    """Seen at 24.00 after four hours: one alarm, a suggestion of 30.00, late in the KPI; later closed."""
    watch_at(END, acme)
    with use_tenant(acme):
        see(us, END + 4 * HOUR)
        c.Listing.objects.filter(store_id=us, sku="TENT").update(price_amount=24)
    found = watch_at(END + 4 * HOUR, acme)
    assert (found.not_restored, found.alarms) == (1, 1)
    assert (state_of(sale, acme), work(acme), news(acme)) == (
        "not_restored",
        [("TENT", "Li Na", False)],
        [True],
    )
    with use_tenant(acme):
        suggestion = Recommendation.objects.get()
        assert (suggestion.kind, suggestion.suggested_amount, suggestion.source_id) == ("promotion", 30, sale)
        assert suggestion.state == "open"
        assert AuditEntry.objects.filter(verb="promotion.price_not_back").count() == 1
    assert watch_at(END + 6 * HOUR, acme) == Watched()
    with use_tenant(acme):
        assert Recommendation.objects.count() == 1
        observe(us, "TENT", "30", END + 8 * HOUR)
        see(us, END + 9 * HOUR)
    assert watch_at(END + 9 * HOUR, acme).restored == 1
    assert (state_of(sale, acme), work(acme)) == ("restored", [("TENT", "Li Na", False)])


def test_a_low_offer_beside_a_restored_listing_is_not_restored(sale: int, us: int, acme: ClientRef) -> None:
    """The listing is back at 30.00, but buyers still see a deal at 24.00."""
    watch_at(END, acme)
    with use_tenant(acme):
        observe(us, "TENT", "24", START + 2 * HOUR, kind="offer")
        observe(us, "TENT", "30", END + HOUR)
        see(us, END + 5 * HOUR)
    assert watch_at(END + 5 * HOUR, acme).not_restored == 1


def test_a_cancelled_promotion_is_not_watched(sale: int, us: int, acme: ClientRef) -> None:
    """Called off before it began, nothing is asked of its price."""
    with use_tenant(acme):
        cancel_promotion(promotion_id=sale, reason="no stock")
        see(us, END + 9 * HOUR)
    assert watch_at(END + 9 * HOUR, acme) == Watched()
    assert (state_of(sale, acme), work(acme), news(acme)) == ("cancelled", [], [])
