"""Fixtures of the tests of approval: shops with listings, and callers of the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.lib import clock
from tenants.types import ClientRef
from tests.api.conftest import as_key, as_role, client_admin, outsider, owner
from tests.pricing.approval.suggestions import NOW
from tests.pricing.promotions.conftest import made

__all__ = ["as_key", "as_role", "client_admin", "outsider", "owner"]


@pytest.fixture
def store(db: None, acme: ClientRef, redis: object) -> Iterator[int]:
    """A US store of acme with two listings, TENT at 30.00 and LAMP at 12.00; the clock stands."""
    with clock.frozen(NOW):
        yield made(acme, "US")
