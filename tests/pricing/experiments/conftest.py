"""Fixtures of the tests of experiments: a shop of acme with costs, and callers of the API."""

from __future__ import annotations

import pytest

from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.api.conftest import as_key, as_role, outsider, owner
from tests.pricing.experiments.worlds import furnish
from tests.pricing.promotions.conftest import other_us, us

__all__ = ["as_key", "as_role", "other_us", "outsider", "owner", "us"]


@pytest.fixture
def shop(us: int, acme: ClientRef) -> int:
    """The US store with costs; TENT stood at 30.00 for eight weeks, with visits and sales on every day."""
    with use_tenant(acme):
        furnish(us)
    return us
