"""Fixtures of the tests of promotions, locks and clearance: shops with listings, and callers of the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.lib import clock
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.api.conftest import as_key, as_role, client_admin, outsider, owner
from tests.pricing.promotions.shops import NOW, make_shop

__all__ = ["as_key", "as_role", "client_admin", "outsider", "owner"]


def made(client: ClientRef, market: str) -> int:
    """A shop of a client."""
    with use_tenant(client):
        return make_shop(market)


@pytest.fixture
def us(db: None, acme: ClientRef, redis: object) -> Iterator[int]:
    """A US store of acme with two listings, TENT at 30.00 and LAMP at 12.00; the clock stands."""
    with clock.frozen(NOW):
        yield made(acme, "US")


@pytest.fixture
def jp(db: None, acme: ClientRef, redis: object) -> Iterator[int]:
    """A JP store of acme with the same listings in yen."""
    with clock.frozen(NOW):
        yield made(acme, "JP")


@pytest.fixture
def other_us(db: None, globex: ClientRef, redis: object) -> int:
    """A US store of another client."""
    return made(globex, "US")
