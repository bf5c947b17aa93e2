"""The daily checks of prices: below the floor, away from the base price, sold below the margin floor."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D

import pytest

from config.lib import clock
from connectors.facts.happenings import WorkItem
from connectors.facts.orders import OrderLine
from connectors.facts.proofs import Evidence
from connectors.selectors.freshness import list_freshness
from connectors.selectors.stores import get_store
from pricing.services import own_figures
from pricing.services.observe import observe_prices
from pricing.services.own_figures import record_price_checks
from pricing.services.transitions import move
from pricing.services.work import cover_days
from pricing.types import PricingContext, RecommendationState, Tier
from tenants.types import ClientRef
from tests.pricing.approval.suggestions import NOW, listing, suggest, sync_listing
from tests.pricing.promotions.shops import PROVENANCE

Known = list[PricingContext]


@pytest.fixture
def known(store: int, in_acme: ClientRef, monkeypatch: pytest.MonkeyPatch) -> Known:
    """What is known of the listings: TENT keeps its floor, LAMP does not, a third is being cleared, of a
    fourth nobody knows the costs."""
    found = [
        listing(store, "TENT"),
        listing(store, "LAMP", "12.00"),
        listing(store, "OLD", "5.00", tier=Tier.CLEARANCE),
        replace(listing(store, "DARK", "5.00"), missing=("purchase",)),
    ]
    monkeypatch.setattr(own_figures, "load_contexts", lambda *, store_id: found)
    return found


def evidence(metric: str) -> dict[str, tuple[D, D]]:
    """What was noted, by subject."""
    rows = Evidence.objects.filter(metric=metric)
    return {row.subject: (row.numerator, row.denominator) for row in rows}


def sell(store: int, order: str, sku: str, net: str, days: int = 0) -> None:
    """A line of two units at a price ex tax and discounts."""
    day = NOW.date() - timedelta(days=days)
    OrderLine.objects.create(
        store_id=store, platform_order_id=order, line_no=sku, sku=sku, product_id=f"B0{sku}", ordered_at=NOW,
        business_on=day, status="shipped", channel="platform", quantity=2, currency="USD",
        gross_amount=D(net) * 2 + 3, tax_amount=D(2), tax_collector="platform", shipping_amount=0,
        shipping_tax_amount=0, discount_amount=D(1), points_amount=0, is_replacement=False, is_business=False,
        buyer_hash="", **PROVENANCE,
    )  # fmt: skip


def test_prices_below_the_floor_are_counted(store: int, known: Known) -> None:
    """Clearance and listings with unknown costs are not judged; a second look changes nothing."""
    assert record_price_checks(store) == 2
    assert evidence("below_floor_skus") == {"TENT": (D(0), D(1)), "LAMP": (D(1), D(1))}
    assert record_price_checks(store) == 0


def test_orders_below_the_margin_floor_are_counted_per_order(store: int, known: Known) -> None:
    """One cheap line makes the order a breach; lines of which nothing is known are not checked."""
    sell(store, "A", "TENT", "30.00")
    sell(store, "B", "TENT", "30.00")
    sell(store, "B", "LAMP", "12.00")
    sell(store, "C", "DARK", "1.00")
    sell(store, "D", "TENT", "9.00", days=1)
    sell(store, "E", "TENT", "9.00", days=5)
    record_price_checks(store)
    found = Evidence.objects.filter(metric="margin_floor_breach_rate").order_by("observed_on")
    assert [(row.observed_on, row.numerator, row.denominator) for row in found] == [
        (NOW.date() - timedelta(days=1), D(1), D(1)),
        (NOW.date(), D(1), D(2)),
    ]


def test_prices_are_held_against_the_approved_or_the_old_one(store: int, known: Known) -> None:
    """The approved price is the base; without one the price of 30 days ago, of the first sight at worst."""
    observe_prices(store)
    sync_listing(store, "13.00", NOW + timedelta(hours=1), sku="LAMP")
    with clock.frozen(NOW + timedelta(hours=1)):
        observe_prices(store)
    move(suggest(store, "30.90").pk, RecommendationState.APPROVED)
    known[1] = listing(store, "LAMP", "13.00")
    record_price_checks(store)
    assert evidence("price_deviation_pct") == {"TENT": (D("-0.90"), D("30.90")), "LAMP": (D(1), D(12))}


def test_days_on_which_nothing_happened_are_known(store: int, known: Known) -> None:
    """A day without a decision or change is covered as such once prices are observed, and no gap."""
    cover_days(get_store(store))
    assert not [state for state in list_freshness([store], {"work"}) if state.covered_through]
    observe_prices(store)
    cover_days(get_store(store))
    (state,) = list_freshness([store], {"work"})
    assert state.covered_through == NOW.date()
    assert not WorkItem.objects.exists()
