"""What is known of listings, loaded for many at once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.lib import clock
from config.lib.errors import NotFound
from connectors import models as c
from pricing.models import PriceObservation
from pricing.selectors.context import get_context, load_contexts
from pricing.types import Truth
from tests.kpis.world import World
from tests.pricing.context.shops import NOW, ON, copy_listing, price_listings, state


def test_many_listings_take_no_more_statements_than_one(world: World) -> None:
    """The number of SQL statements does not depend on the number of SKUs."""
    store_id = world.stores["US"]
    price_listings(world)
    load_contexts(store_id=store_id)
    counts = []
    for copies in (0, 40):
        for n in range(copies):
            copy_listing(store_id, "TENT", f"COPY-{n}")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            found = load_contexts(store_id=store_id)
        counts.append(len(captured))
    assert len(found) >= 44
    assert counts[0] == counts[1]


def test_old_inputs_are_told_and_ages_that_were_never_there_are_not(world: World) -> None:
    """A sheet is fresh for the policy's days after it was stated, and not a day longer."""
    price_listings(world)
    store_id = world.stores["US"]
    fresh = {age.name: age for age in get_context(store_id, "TENT").ages}
    assert fresh["cost"].is_fresh
    assert fresh["fx"].is_fresh
    with clock.frozen(NOW + timedelta(days=91)):
        old = {age.name: age for age in get_context(store_id, "TENT").ages}
    assert not old["cost"].is_fresh
    assert old["cost"].limit_hours == 90 * 24
    assert not old["price"].is_fresh
    assert "cost" not in {age.name for age in get_context(store_id, "NEW").ages}


@pytest.mark.parametrize("market", ["US", "JP", "MX"])
def test_each_market_has_its_own_tax_tick_and_lines(market: str, world: World) -> None:
    """Tax in the price, the price step and the smallest billed unit; every known line has a source."""
    price_listings(world)
    context = get_context(world.stores[market], "TENT")
    structure = context.structure
    expected = {"US": ("0", "0.01"), "JP": ("0.10", "1"), "MX": ("0.16", "0.01")}[market]
    assert (structure.tax_rate, structure.tick) == (Decimal(expected[0]), Decimal(expected[1]))
    assert structure.billing_unit == structure.tick
    assert all(line.reference for line in context.lines if line.truth is not Truth.MISSING)
    assert {line.name for line in context.lines} >= {"purchase", "referral", "fulfilment", "storage"}
    assert any(name == "iva" for name, _ in structure.withholding) is (market == "MX")


def test_a_profile_bounds_ranks_and_stays_within_its_family(world: World) -> None:
    """Margins and bounds as stated; the neighbours of the family's order give the prices between."""
    price_listings(world)
    store_id = world.stores["US"]
    for rank, (sku, price) in enumerate({"MUG": 9, "LAMP": 19, "TENT": 29}.items()):
        c.Listing.objects.filter(store_id=store_id, sku=sku).update(price_amount=price)
        state(store_id, sku, family="camp", family_rank=rank, floor_margin=Decimal("0.03"), lowest_amount=5)
    lamp = get_context(store_id, "LAMP")
    assert (lamp.family_below, lamp.family_above) == (Decimal(9), Decimal(29))
    assert get_context(store_id, "MUG").family_below is None
    assert (lamp.floor_margin, lamp.bounds.lowest) == (Decimal("0.03"), Decimal(5))


def test_a_past_change_dates_moves_and_a_regular_price(world: World) -> None:
    """The price that stood longest is regular; the yuan's move since the change is that of the rates."""
    price_listings(world)
    store_id = world.stores["US"]
    for day, amount, before in ((60, 39, None), (10, 35, 39), (0, 33, 35)):
        at = NOW - timedelta(days=day, hours=1)
        PriceObservation.objects.create(
            store_id=store_id,
            sku="TENT",
            kind="listing",
            observed_at=at,
            business_on=ON - timedelta(days=day),
            amount=amount,
            previous_amount=before,
            currency="USD",
            is_change=before is not None,
            run_id=1,
            noted_at=at,
        )
    context = get_context(store_id, "TENT")
    assert context.regular_price == Decimal(39)
    assert context.last_changed_at == NOW - timedelta(hours=1)
    assert context.changes_today == 1
    assert context.fx_move == 0


def test_an_unknown_listing_or_store_is_not_found(world: World) -> None:
    """No context is made up."""
    with pytest.raises(NotFound):
        get_context(world.stores["US"], "NOTHING")
    with pytest.raises(NotFound):
        load_contexts(store_id=999_999)
