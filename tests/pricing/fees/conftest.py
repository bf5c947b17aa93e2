"""Fixtures of the tests of fees in the database: the shops of the contexts, and callers of the API."""

from __future__ import annotations

from tests.api.conftest import as_key, as_role, client_admin, outsider, owner
from tests.pricing.promotions.conftest import us

__all__ = ["as_key", "as_role", "client_admin", "outsider", "owner", "us"]
