"""Fixtures of the tests about what listings cost: a random world of facts; callers of the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from config.lib import clock
from tenants.types import ClientRef
from tests.api.conftest import as_key, as_role, outsider, owner
from tests.kpis.world import World
from tests.pricing.context.shops import NOW, plain_world, priced_world
from tests.support.kept import kept

__all__ = ["as_key", "as_role", "outsider", "owner"]


@pytest.fixture(scope="module")
def kept_world(acme: ClientRef, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Three stores of acme with four weeks of facts."""
    with kept(django_db_blocker):
        with clock.frozen(NOW):
            made = plain_world(acme)
        yield made


@pytest.fixture(scope="module")
def kept_prices(acme: ClientRef, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The same, every listing with a price."""
    with kept(django_db_blocker):
        with clock.frozen(NOW):
            made = priced_world(acme)
        yield made


@pytest.fixture
def world(kept_world: World, in_acme: ClientRef) -> Iterator[World]:
    """The random world for a test in acme; the clock stands on the last of its days."""
    with clock.frozen(NOW):
        yield kept_world


@pytest.fixture
def priced(kept_prices: World, db: None, redis: object) -> Iterator[World]:
    """The world with prices for callers of the API."""
    with clock.frozen(NOW):
        yield kept_prices
