"""Callers of the API for the tests of suggestions."""

from __future__ import annotations

from tests.api.conftest import as_key, as_role, outsider, owner

__all__ = ["as_key", "as_role", "outsider", "owner"]
