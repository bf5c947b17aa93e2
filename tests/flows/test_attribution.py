"""Does the checklist name the causes that were planted in the simulated market, and no others?

The whole way: syncs from the simulated Amazon, roll-up, gathering, checks. `benchmarks/attribution.py` does
the same for many worlds and prints precision and recall.
"""

from __future__ import annotations

import pytest

from kpis.engine.attribution.verdict import Cause
from tenants.types import ClientRef
from tests.flows.causes import NOW, Score, judge, learn, world_of
from tests.flows.conftest import served

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("seed", "more"), [(3, False), (4, True)])
def test_planted_causes_are_named(in_acme: ClientRef, seed: int, more: bool) -> None:
    """Every planted cause is likely, with evidence; a world may have one of chance's own beside them."""
    world, score = world_of(seed, more=more), Score()
    with served(world, NOW):
        judge(world, learn(world), score)
    assert sum(score.hits.values()) == len(world.plants), score.wrong
    assert sum(score.false.values()) <= 1, score.wrong


def test_a_calm_world_names_none_of_the_planted_kinds(in_acme: ClientRef) -> None:
    """Without plants, nothing is blamed; a SKU may run out of stock by itself."""
    world, score = world_of(5, is_planted=False), Score()
    with served(world, NOW):
        judge(world, learn(world), score)
    blamed = set(score.false) - {Cause.STOCK_OUT}
    assert not blamed, score.wrong
