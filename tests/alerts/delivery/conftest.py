"""Fixtures of the tests of delivery: a receiver, and an alert of acme that has fired."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from alerts.services.transitions import apply
from config.lib import clock
from config.lib.clock import FrozenClock
from tenants.types import ClientRef, Role
from tests.alerts.lifecycle.making import NOW, breach, rule
from tests.api.conftest import as_key, as_role, client_admin, outsider, owner
from tests.factories.people import make_member
from tests.support.receiver import Receiver

__all__ = ["as_key", "as_role", "client_admin", "outsider", "owner"]

ORIGIN = "https://hooks.example.com"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A receiver that stands in for hooks.example.com and Slack."""
    found = Receiver()
    settings.PLATFORM_ENDPOINTS = {ORIGIN: found.origin, "https://hooks.slack.com": found.origin}
    yield found
    found.close()


@pytest.fixture
def now() -> Iterator[FrozenClock]:
    """The product's clock stands when the alert fires, until the test moves it."""
    with clock.frozen(NOW) as frozen:
        yield frozen


@pytest.fixture
def manager(in_acme: ClientRef) -> int:
    """A manager of acme; returns the user id."""
    return make_member(in_acme, Role.MANAGER, email="manager@acme.example")[0]


@pytest.fixture
def fired(manager: int, now: FrozenClock) -> int:
    """An alert of acme that has fired; its first notice is number 1. Returns its id."""
    (alert_id,) = apply(rule(), [breach(store_id=None)], NOW)
    return alert_id
