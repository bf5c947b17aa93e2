"""Callers of the API, as in tests/api: every answer is checked against the API description."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tenants.types import Role
from tests.api.conftest import anonymous, as_key, as_role, outsider
from tests.api.validating import ValidatingClient

__all__ = ["anonymous", "as_key", "as_role", "operator", "outsider"]

BASE = "/api/v1/clients/acme"


@pytest.fixture
def operator(redis: object, as_role: Callable[..., ValidatingClient]) -> ValidatingClient:
    """An operator of acme, who may connect, sync and record costs."""
    return as_role(Role.OPERATOR)
