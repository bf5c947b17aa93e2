"""The ground of the connectors' tests: the fake platform, a connection and a store at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from config.lib.redact import Secret
from connectors.registry import PLATFORMS
from connectors.services.connections import attach_store, create_connection
from connectors.services.cursors import ensure_cursor
from connectors.services.runs import RunRef, open_run
from connectors.services.tokens import redis_client
from connectors.types import StoreRef
from tenants.types import ClientRef
from tests.connectors.fakes import FakePlatform

CREDENTIAL = {"client_id": Secret("app"), "refresh_token": Secret("Atzr|very-secret")}


@pytest.fixture(autouse=True)
def _fake_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry also knows the fake platforms."""
    monkeypatch.setitem(PLATFORMS._paths, "fake", "tests.connectors.fakes.SPEC")
    monkeypatch.setitem(PLATFORMS._paths, "fake_ads", "tests.connectors.fakes.ADS_SPEC")


@pytest.fixture
def platform(settings: LazySettings, redis: object) -> Iterator[FakePlatform]:
    """The fake platform, listening, with PLATFORM_ENDPOINTS leading to it."""
    fake = FakePlatform()
    fake.start()
    settings.PLATFORM_ENDPOINTS = fake.endpoints
    settings.REPORT_WAIT_SECONDS = 5
    redis_client.cache_clear()
    yield fake
    fake.stop()


def make_store() -> StoreRef:
    """A connection to the fake platform with its US shop, for the current client."""
    connection = create_connection(
        platform="fake", name="Fake", account={"seller_id": "S-1"}, credential=CREDENTIAL
    )
    return attach_store(connection_id=connection.id, marketplace_id="FAKE-US", name="Fake US")


@pytest.fixture
def store(in_acme: ClientRef) -> StoreRef:
    """Acme's US shop at the fake platform."""
    return make_store()


@pytest.fixture
def run(store: StoreRef) -> RunRef:
    """A run of the shop's orders stream, its cursor ready."""
    opened = open_run(store=store, stream="orders", connection_id=store.connection_id, job_id=None)
    ensure_cursor(run=opened)
    return opened
