"""What the tests of the tenancy core share: rows that name their schema, and messages that are caught."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from django.db import connections

from tenants import messages
from tenants.types import ClientRef
from tests.support import database

MARKER_ID = 7_000_001


@dataclass
class Sent:
    """Messages that would have gone to the broker."""

    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def names(self) -> list[str]:
        """The tasks that were called, in order."""
        return [name for name, _ in self.messages]

    def deliver(self) -> int:
        """Run what was sent, in this process, as a worker would; returns how many messages that were."""
        taken, self.messages = self.messages, []
        for name, message in taken:
            messages.get_task(name).apply(kwargs=message, throw=True)
        return len(taken)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Catch messages instead of giving them to the broker."""
    caught = Sent()

    def catch(name: str, message: dict[str, Any], delay: float) -> None:
        caught.messages.append((name, message))

    monkeypatch.setattr(messages, "_send", catch)
    return caught


@pytest.fixture
def owner_connection(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """The owner, beside Django: looks behind the scenes, and tampers."""
    with database.connect(connections.settings["owner"]["NAME"]) as connection:
        yield connection


@pytest.fixture
def marked(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef, globex: ClientRef
) -> None:
    """One committed event with the *same* primary key in both clients; its type says whose it is."""
    for client in (acme, globex):
        owner_connection.execute(
            f"insert into {client.schema_name}.ledger_outboxevent"
            " (id, type, payload, created_at, dispatched_at) values (%s, %s, '{}', now(), now())",
            [MARKER_ID, client.slug],
        )
