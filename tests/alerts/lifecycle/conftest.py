"""Fixtures of the tests of alerts' life: callers of the API."""

from __future__ import annotations

from tests.api.conftest import as_key, as_role, outsider, owner

__all__ = ["as_key", "as_role", "outsider", "owner"]
