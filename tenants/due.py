"""Which clients have work: hints in a public table, so that nobody polls a thousand schemas.

A hint is written in the transaction of the job or event it points at, under the client's ledger lock, and is
put off under the same lock by whoever has looked. So no hint is lost between a look and a commit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from tenants.audit import LEDGER_LOCK
from tenants.context import current_ledger, use_public
from tenants.types import ClientState

JOB, OUTBOX = "job", "outbox"
# How long a client with nothing to do is left alone; a look costs a query, and repairs a hint lost to a
# mistake.
IDLE = timedelta(hours=6)


def lock_ledger() -> None:
    """Hold the current client's ledger lock until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [LEDGER_LOCK, current_ledger().id])


def bring_forward(kind: str, due_at: datetime | None = None) -> bool:
    """Note that the current client has work of `kind` at `due_at` (by the database's clock; None: now).

    Returns whether that is earlier than what was noted; else whoever looks then will find this work too.
    """
    lock_ledger()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into tenants_workdue (client_id, kind, due_at)"
            " values (%s, %s, coalesce(%s, clock_timestamp()))"
            " on conflict (client_id, kind) do update set due_at = excluded.due_at"
            " where tenants_workdue.due_at > excluded.due_at",
            [current_ledger().id, kind, due_at],
        )
        return bool(cursor.rowcount)


def put_off(kind: str, due_at: datetime | None) -> None:
    """Say when to look at the current client again (None: when idle); the caller holds the ledger lock."""
    parameters: list[Any] = [due_at, IDLE, current_ledger().id, kind]
    with connection.cursor() as cursor:
        cursor.execute(
            "update tenants_workdue set due_at = coalesce(%s, clock_timestamp() + %s)"
            " where client_id = %s and kind = %s",
            parameters,
        )


def list_due_clients(kind: str) -> list[int]:
    """The ids of active clients with work due now, those who wait longest first; 0 is the provider."""
    with use_public(), connection.cursor() as cursor:
        cursor.execute(
            "select due.client_id from tenants_workdue due left join tenants_client c on c.id = due.client_id"
            " where due.kind = %s and due.due_at <= clock_timestamp()"
            " and (due.client_id = 0 or c.state = %s) order by due.due_at, due.client_id",
            [kind, ClientState.ACTIVE],
        )
        return [client_id for (client_id,) in cursor.fetchall()]
