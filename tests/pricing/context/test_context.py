"""What is known of listings, loaded for many at once."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from pricing.selectors.context import load_contexts
from tests.kpis.world import World
from tests.pricing.context.shops import copy_listing, price_listings


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
