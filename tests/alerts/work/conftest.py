"""Fixtures of the tests of work on alerts: a shop, and callers of the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.lib import clock
from tenants.types import ClientRef
from tests.alerts.health.conftest import NOW, make_store
from tests.api.conftest import as_key, as_role, outsider, owner

__all__ = ["as_key", "as_role", "outsider", "owner"]


@pytest.fixture
def shop(db: None, acme: ClientRef, redis: object) -> Iterator[int]:
    """A US store of acme; the clock stands at 2026-11-20 09:30 UTC, a Friday."""
    with clock.frozen(NOW):
        yield make_store(acme)
