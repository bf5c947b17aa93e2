"""Fixtures of the tests of alert rules: a small shop, and callers of the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from config.lib import clock
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.alerts.rules.shop import AT, Shop, make_shop
from tests.api.conftest import as_key, as_role, outsider, owner

__all__ = ["as_key", "as_role", "outsider", "owner"]


@pytest.fixture
def shop(db: None, acme: ClientRef, redis: object) -> Iterator[Shop]:
    """A shop of acme that sells two MUGs a day; the test works for acme and the clock stands."""
    with ExitStack() as stack:
        stack.enter_context(clock.frozen(AT))
        stack.enter_context(use_tenant(acme))
        yield make_shop()
