"""Fixtures of the tests of rule sets: a shop of acme, and callers of the API."""

from __future__ import annotations

from tests.api.conftest import as_key, as_role, outsider, owner
from tests.pricing.promotions.conftest import other_us, us

__all__ = ["as_key", "as_role", "other_us", "outsider", "owner", "us"]
