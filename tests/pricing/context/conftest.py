"""Fixtures of the tests about what listings cost: a random world of facts; callers of the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.lib import clock
from tenants.types import ClientRef
from tests.api.conftest import as_key, as_role, outsider, owner
from tests.kpis.world import World, make_world
from tests.pricing.context.shops import NOW, priced_world

__all__ = ["as_key", "as_role", "outsider", "owner"]


@pytest.fixture
def world(in_acme: ClientRef) -> Iterator[World]:
    """Three stores of acme with four weeks of facts; the clock stands on the last of them."""
    with clock.frozen(NOW):
        yield make_world(seed=7)


@pytest.fixture
def priced(db: None, acme: ClientRef, redis: object) -> Iterator[World]:
    """The same for callers of the API: every listing has a price."""
    with clock.frozen(NOW):
        yield priced_world(acme)
