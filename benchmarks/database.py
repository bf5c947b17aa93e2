"""A database and a Redis of the program's own, on the configured servers; dropped when the program ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
from django.conf import settings

from config import embedded
from tenants.context import use_public
from tenants.services import clients, provisioning
from tenants.types import ClientRef, ClientState
from tests.support import database, redis_database


@contextmanager
def throwaway() -> Iterator[str]:
    """Point the settings at a migrated database without clients and at an empty Redis; yields its name.

    What a killed program left behind is dropped by the next one, and by the tests.
    """
    embedded.ensure_started()
    with redis_database.claimed(settings.REDIS_URL) as url:
        redis_database.use(url)
        name = database.create()
        try:
            yield name
        finally:
            database.drop(name)


@contextmanager
def another() -> Iterator[str]:
    """A second such database in place of the first while the block lasts; yields its name."""
    with database.another() as name:
        yield name


@contextmanager
def as_owner(name: str) -> Iterator[psycopg.Connection]:
    """The driver's own connection to a database, as the owner and in autocommit."""
    with database.connect(name) as connection:
        yield connection


def prepare_client(slug: str) -> ClientRef:
    """A client that is PREPARING: its row is there, its schema is not."""
    with use_public():
        client, _ = clients.create_client(slug=slug, name=slug.title())
    return client


def make_client(slug: str) -> ClientRef:
    """A client that is ready for work."""
    client = prepare_client(slug)
    provisioning.provision(client.id)
    return replace(client, state=ClientState.ACTIVE)
