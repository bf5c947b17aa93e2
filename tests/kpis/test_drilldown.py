"""Do the parts of a figure add up to the figure?"""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.selectors.stores import list_stores
from kpis.catalog.drill import drills_by_sku
from kpis.catalog.measures import MEASURES
from kpis.engine.totals import Total
from kpis.selectors.drilldown import list_parts
from kpis.selectors.measures import list_window_sums
from tests.kpis.world import FIRST, LAST, World

pytestmark = pytest.mark.django_db
# Orders with two SKUs are one order of the store and one of each SKU.
DISTINCT = frozenset({"orders"})


def summed(parts: list[Total], name: str) -> Decimal:
    """One side of the totals, added up."""
    return sum((getattr(part, name) for part in parts), Decimal(0))


def test_parts_by_sku_add_up_to_the_stored_sums(rolled: World) -> None:
    """Every measure that can be drilled, of every store, in both currencies, to 1e-6."""
    stores = list_stores()
    keys = [key for key in MEASURES if drills_by_sku(key) and key not in DISTINCT]
    whole = list_window_sums([store.id for store in stores], [(FIRST, LAST)], keys)[0]
    parts = list_parts(stores, FIRST, LAST, keys)
    compared = 0
    for store in stores:
        for key in keys:
            mine = [
                totals[key] for place, totals in parts.items() if place.store_id == store.id and key in totals
            ]
            stored = whole[store.id].totals.get(key)
            if stored is None:
                assert not mine, key
                continue
            assert stored.value is not None
            assert stored.reporting is not None or MEASURES[key].unit != "money"
            assert abs(summed(mine, "value") - stored.value) < Decimal("1e-6"), key
            if MEASURES[key].unit == "money":
                assert stored.reporting is not None
                assert abs(summed(mine, "reporting") - stored.reporting) < Decimal("1e-6"), key
            compared += 1
    assert compared > 40


def test_parts_by_store_count_orders_once(rolled: World) -> None:
    """Without SKUs even distinct counts are those of the store."""
    stores = list_stores()
    whole = list_window_sums([store.id for store in stores], [(FIRST, LAST)], ["orders"])[0]
    parts = list_parts(stores, FIRST, LAST, ["orders"], by_sku=False)
    assert {p.store_id: t["orders"].value for p, t in parts.items()} == {
        store_id: totals.totals["orders"].value for store_id, totals in whole.items()
    }
