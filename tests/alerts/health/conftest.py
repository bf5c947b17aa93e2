"""A shop of acme whose warnings are worked on, and the people who do that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from config.lib import clock
from connectors import models as c
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.api.conftest import as_key, as_role, outsider, owner

__all__ = ["as_key", "as_role", "outsider", "owner"]

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def make_store(client: ClientRef) -> int:
    """A US store of a client."""
    with use_tenant(client):
        connection = c.StoreConnection.objects.create(
            platform="amazon_sp", name="us", account={"seller_id": "A1"}
        )
        return c.Store.objects.create(
            connection=connection,
            platform="amazon_sp",
            market="US",
            marketplace_id="ATVPDKIKX0DER",
            name="Harbor US",
            currency="USD",
            time_zone="America/Los_Angeles",
        ).pk


@pytest.fixture
def shop(db: None, acme: ClientRef, redis: object) -> Iterator[int]:
    """A US store of acme; the clock stands at 2026-11-20 09:30 UTC, a Friday."""
    with clock.frozen(NOW):
        yield make_store(acme)
