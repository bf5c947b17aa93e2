"""Fixtures of the verification tests: callers of the API, and stores with listings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.lib import clock
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.api.conftest import as_key, as_role, outsider, owner
from tests.kpis.world import World, make_world
from tests.pricing.context.shops import NOW, price_listings

__all__ = ["as_key", "as_role", "outsider", "owner"]


def _make(acme: ClientRef) -> World:
    with use_tenant(acme):
        world = make_world(seed=7)
        price_listings(world)
        return world


@pytest.fixture
def priced(db: None, acme: ClientRef, redis: object) -> Iterator[World]:
    """Three stores of acme with four weeks of facts and prices; the clock stands on the last of them."""
    with clock.frozen(NOW):
        yield _make(acme)
