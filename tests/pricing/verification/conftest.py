"""Fixtures of the verification tests: callers of the API, and stores with listings that have prices."""

from __future__ import annotations

from tests.api.conftest import as_key, as_role, outsider, owner
from tests.pricing.context.conftest import kept_prices, priced

__all__ = ["as_key", "as_role", "kept_prices", "outsider", "owner", "priced"]
