"""Fixtures of the competitor tests: callers of the API, and a store with a listing and offers for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.lib import clock
from connectors.types import StoreRef
from tenants.types import ClientRef
from tests.api.conftest import as_key, as_role, client_admin, outsider, owner
from tests.pricing.competitors.stored import AT, fill_shop

__all__ = ["as_key", "as_role", "client_admin", "outsider", "owner"]


@pytest.fixture
def shop(db: None, acme: ClientRef, redis: object) -> Iterator[StoreRef]:
    """A store of acme that sells TENT at 22 dollars; a rival is featured at 20, another asks 25."""
    store = fill_shop(acme)
    with clock.frozen(AT):
        yield store
