"""Rivals read from stored offers: set-based, own sellers known, handed-in offers by their source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors.types import StoreRef
from pricing.models import PermittedSource, SisterSeller
from pricing.selectors.competitors import findings_of, rivals_of
from tenants.types import ClientRef
from tests.pricing.competitors.stored import AT, make_run, make_store, see


@pytest.fixture
def store(in_acme: ClientRef) -> StoreRef:
    """A store of the seller ME; another store of the client sells as ME2."""
    return make_store()


def test_the_newest_observation_of_each_seller_is_judged(store: StoreRef) -> None:
    """Own and sister sellers are known from the connections and the register; history gives the shipping."""
    SisterSeller.objects.create(seller_id="PAL", relation="partner", recorded_at=AT, recorded_by="t")
    for seller, price in (("ME", "20"), ("ME2", "10"), ("PAL", "11"), ("", "12"), ("R", "21")):
        see(store, seller, price)
    see(store, "R", "9", hours=5)
    see(store, "R", "8", hours=-1)
    found = rivals_of(store=store, product_ids=["P", "Q", ""], at=AT)
    assert set(found) == {"P", "Q"}
    assert (found["P"].lowest, found["P"].own_landed, found["P"].count) == (Decimal(21), Decimal(20), 1)
    assert found["P"].dropped == {"blank_seller": 1, "own_offer": 1, "sister_store": 2}
    assert (found["Q"].lowest, found["Q"].as_of, found["Q"].dropped) == (None, None, {})
    offers = findings_of(store=store, product_ids=["P"], at=AT)["P"].offers
    (rival,) = [each.offer for each in offers if each.offer.seller_id == "R"]
    assert (rival.price, rival.previous_shipping) == (Decimal(21), Decimal(0))


def test_a_stale_product_is_seen_to_be_stale(store: StoreRef) -> None:
    """Where nothing is fresh the last observation is still read, so that the view says of when it is."""
    see(store, "R", "21", hours=80)
    view = rivals_of(store=store, product_ids=["P"], at=AT)["P"]
    assert (view.lowest, view.as_of, view.dropped) == (None, AT - timedelta(hours=80), {"stale": 1})


def test_another_store_and_another_time_see_nothing_of_it(store: StoreRef) -> None:
    """Offers belong to a store; what was seen later is not known yet."""
    see(store, "R", "21")
    before = rivals_of(store=store, product_ids=["P"], at=AT - timedelta(hours=2))["P"]
    assert (before.count, before.as_of) == (0, None)


def test_handed_in_offers_count_only_from_a_permitted_source(store: StoreRef) -> None:
    """What was uploaded without a word on its source never counts."""
    run = make_run(store, "upload.offers")
    see(store, "R", "15", run=run)
    view = rivals_of(store=store, product_ids=["P"], at=AT)["P"]
    assert (view.lowest, view.dropped) == (None, {"source_not_permitted": 1})
    PermittedSource.objects.create(
        key="upload",
        title="All uploads",
        basis="own_observation",
        reference="-",
        allowed_on=date(2026, 1, 1),
        recorded_at=AT,
        recorded_by="t",
    )
    view = rivals_of(store=store, product_ids=["P"], at=AT)["P"]
    assert view.dropped == {"pack_unknown": 1}, "and its pack is still unknown"


def test_ten_thousand_products_cost_as_many_statements_as_one(store: StoreRef) -> None:
    """The number of statements does not depend on the number of products."""
    see(store, "R", "21")

    def statements(product_ids: list[str]) -> int:
        with CaptureQueriesContext(connection) as queries:
            rivals_of(store=store, product_ids=product_ids, at=AT)
        return len(queries)

    assert statements(["P"]) == statements([f"P{n}" for n in range(2_000)] + ["P"])


def test_a_platform_without_a_known_feed_has_no_permitted_one(store: StoreRef) -> None:
    """What claims to come from an interface that is in no register does not count."""
    see(store, "R", "21")
    view = rivals_of(store=replace(store, platform="other"), product_ids=["P"], at=AT)["P"]
    assert (view.lowest, view.as_of, view.dropped) == (None, None, {"source_not_permitted": 1})
