"""The ground the tests stand on: a database of this process with two provisioned clients, and a Redis.

Nothing is created until a test asks for it, so pure tests need no server. `django_db`-marked tests run in a
transaction that is rolled back; one that needs commits, threads or other processes asks for `committed_db`,
which empties the tables behind it. A fixture of your own that chooses a client enters it by an ExitStack, as
those here do: `with use_tenant(...)` in a generator is refused, because it would leak to the caller.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker
from redis import Redis

from config import embedded
from config.lib import clock
from config.lib.clock import FrozenClock
from tenants.context import use_actor, use_public, use_tenant
from tenants.types import Actor, ActorKind, ClientRef, Role
from tests.support import database, redis_database

FROZEN_AT = datetime(2026, 8, 14, 3, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def servers() -> None:
    """The embedded servers, where the environment names no others."""
    embedded.ensure_started()


@pytest.fixture(scope="session")
def redis_url(servers: None) -> Iterator[str]:
    """A Redis database that no other test process uses, for everything that reads the settings."""
    with redis_database.claimed(settings.REDIS_URL) as url:
        redis_database.use(url)
        yield url


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """A client of this process's Redis database, empty before the test."""
    client = Redis.from_url(redis_url)
    client.flushdb()
    yield client
    client.close()


@pytest.fixture(scope="session")
def django_db_setup(
    servers: None, redis_url: str, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Create and migrate this process's database, provision the two clients, and drop it at the end."""
    with django_db_blocker.unblock():
        name = database.create()
        database.provision_clients()
    TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[attr-defined]
    yield
    with django_db_blocker.unblock():
        database.drop(name)


def _empty_tables(self: TransactionTestCase) -> None:
    database.empty()


@pytest.fixture(scope="session")
def acme(django_db_setup: None) -> ClientRef:
    """The first client."""
    return database.client("acme")


@pytest.fixture(scope="session")
def globex(django_db_setup: None) -> ClientRef:
    """The second client, which must never see anything of the first."""
    return database.client("globex")


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Real transactions for this test; its rows, and clients it made, are removed afterwards."""
    with django_db_blocker.unblock():
        yield
        database.empty()
        connections.close_all()


@pytest.fixture
def in_acme(db: None, acme: ClientRef) -> Iterator[ClientRef]:
    """Inside a rolled-back transaction, working for acme."""
    with ExitStack() as stack:
        yield stack.enter_context(use_tenant(acme))


@pytest.fixture
def in_globex(db: None, globex: ClientRef) -> Iterator[ClientRef]:
    """Inside a rolled-back transaction, working for globex."""
    with ExitStack() as stack:
        yield stack.enter_context(use_tenant(globex))


@pytest.fixture
def public(db: None) -> Iterator[ClientRef]:
    """Inside a rolled-back transaction, in the public schema."""
    with ExitStack() as stack:
        yield stack.enter_context(use_public())


@pytest.fixture
def frozen_clock() -> Iterator[FrozenClock]:
    """The product's clock stands at 2026-08-14 03:30 UTC (a Friday) until the test moves it."""
    with clock.frozen(FROZEN_AT) as frozen:
        yield frozen


@pytest.fixture
def staff(db: None) -> Callable[[Role, ClientRef], Actor]:
    """Make a person with a role at a client: `staff(Role.MANAGER, acme)` returns them as an actor."""
    return database.make_person


@pytest.fixture
def system_actor() -> Iterator[Actor]:
    """Act as a named part of the product."""
    with use_actor(Actor(ActorKind.SYSTEM, None, "test")) as actor:
        yield actor


@pytest.fixture
def child_environment(django_db_setup: None) -> dict[str, str]:
    """The environment with which a process started by a test meets this process's database and Redis."""
    return {**os.environ, **database.environment()}
