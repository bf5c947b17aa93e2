"""Fixtures of the KPI tests: a client with a random world of facts, rolled up or not; callers of the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from config.lib import clock
from kpis.selectors.answer import remembered
from kpis.selectors.readings import forget
from kpis.services.rollup import recompute_days
from tenants.types import ClientRef
from tests.api.conftest import as_key, as_role, client_admin, outsider, owner
from tests.kpis.shops import NOW, make_shops
from tests.kpis.world import World, days, make_world
from tests.support.kept import kept

__all__ = ["as_key", "as_role", "client_admin", "outsider", "owner"]


@pytest.fixture
def world(in_acme: ClientRef) -> World:
    """Three stores of acme with four weeks of facts, not rolled up."""
    return make_world(seed=7)


@pytest.fixture
def rolled(world: World) -> World:
    """The same, rolled up."""
    recompute_days(days=[(store, day) for store in world.stores.values() for day in days()])
    return world


@pytest.fixture(scope="module")
def kept_shops(acme: ClientRef, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Three stores of acme, rolled up and fully known."""
    with kept(django_db_blocker):
        with clock.frozen(NOW):
            made = make_shops(acme)
        yield made


@pytest.fixture
def shops(kept_shops: World, db: None, redis: object) -> Iterator[World]:
    """The same, for a single test; the clock stands seven weeks later."""
    forget()
    remembered.cache_clear()  # A test may have asked the same of a smaller catalogue.
    with clock.frozen(NOW):
        yield kept_shops
