"""Fixtures of the tests of the sampling queue: the shop of the work on alerts, and callers of the API."""

from __future__ import annotations

from tests.alerts.work.conftest import as_key, as_role, outsider, owner, shop

__all__ = ["as_key", "as_role", "outsider", "owner", "shop"]
