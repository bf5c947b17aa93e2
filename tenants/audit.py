"""The ledger's record of every change: gapless, hash-chained per client, written in the change's transaction.

`record` is the last statement of a service's transaction. It takes the client's ledger lock (released at the
transaction's end), so entries are numbered 1, 2, 3 … in the order of commit. The application's role may
insert and read entries, never change or delete them; `manage.py verify_audit` recomputes the chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.types.json import Jsonb

from config.lib import clock
from config.lib.redact import redact
from tenants.context import current_actor, current_ledger, request_id, use_public
from tenants.ledger.models import AuditEntry
from tenants.types import Actor

# First key of the two-part advisory lock on one client's ledger.
LEDGER_LOCK = 0x1ED6E7
LOOKED = "looked"

_HEAD = (
    "select pg_advisory_xact_lock({lock}, {client});"
    "select seq, entry_hash from ledger_auditentry order by seq desc limit 1"
)
_INSERT = (
    "insert into ledger_auditentry (seq, at, actor_kind, actor_id, actor_label, request_id, verb,"
    " target_type, target_id, before, after, previous_hash, entry_hash)"
    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """The content of one entry, in the types in which it is hashed."""

    client_id: int
    seq: int
    at: datetime
    actor: Actor
    request_id: str
    verb: str
    target_type: str
    target_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def first_hash(client_id: int) -> bytes:
    """What the first entry of a client's chain follows."""
    return hashlib.sha256(f"audit chain of client {client_id}".encode()).digest()


def entry_hash(entry: Entry, previous: bytes) -> bytes:
    """SHA-256 over the hash before it and every column of the entry."""
    content = [
        entry.client_id,
        entry.seq,
        entry.at.astimezone(UTC).isoformat(sep=" ", timespec="microseconds"),
        str(entry.actor.kind),
        entry.actor.id,
        entry.actor.label,
        entry.request_id,
        entry.verb,
        entry.target_type,
        entry.target_id,
        entry.before,
        entry.after,
    ]
    return hashlib.sha256(previous + orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def record(
    verb: str,
    *,
    target: tuple[str, object],
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> int:
    """Add an entry to the current ledger (the client's, or the provider's in public); returns its number.

    `verb` is `<thing>.<what happened>`, `target` a type and an id. Secrets in the values are masked.
    Call it as the last statement of the transaction: it holds the ledger's lock until the end. Outside of a
    transaction it makes its own, which is right for a change that needs no other statement.
    """
    client_id = current_ledger().id
    old, new = _plain(before), _plain(after)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        return append(cursor, client_id, verb, actor=current_actor(), target=target, before=old, after=new)


def append(
    cursor: CursorWrapper,
    client_id: int,
    verb: str,
    *,
    actor: Actor,
    target: tuple[str, object],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> int:
    """Add an entry of plain values through a cursor on the ledger's schema, in a transaction."""
    kind, target_id = target
    cursor.execute(_HEAD.format(lock=LEDGER_LOCK, client=client_id))
    cursor.nextset()
    head = cursor.fetchone()
    seq, previous = (head[0] + 1, bytes(head[1])) if head else (1, first_hash(client_id))
    entry = Entry(
        client_id=client_id,
        seq=seq,
        at=clock.now(),
        actor=actor,
        request_id=request_id()[:64],
        verb=verb,
        target_type=kind,
        target_id=str(target_id),
        before=before,
        after=after,
    )
    cursor.execute(_INSERT, _row(entry, previous))
    return seq


def _row(entry: Entry, previous: bytes) -> list[Any]:
    return [
        entry.seq,
        entry.at,
        str(entry.actor.kind),
        entry.actor.id,
        entry.actor.label,
        entry.request_id,
        entry.verb,
        entry.target_type,
        entry.target_id,
        None if entry.before is None else Jsonb(entry.before),
        None if entry.after is None else Jsonb(entry.after),
        previous,
        entry_hash(entry, previous),
    ]


def record_look(resource: str) -> None:
    """Note that the present actor looked at `resource`: once per person, resource and hour."""
    actor = current_actor()
    now = clock.now()
    since = now.replace(minute=0, second=0, microsecond=0)
    seen = AuditEntry.objects.filter(
        verb=LOOKED,
        target_type=resource,
        actor_kind=str(actor.kind),
        actor_id=actor.id,
        at__gte=since,
        at__lt=since + timedelta(hours=1),
    )
    if not seen.exists():
        record(LOOKED, target=(resource, ""))


def record_denied(verb: str, *, target: tuple[str, object], after: Mapping[str, Any] | None = None) -> None:
    """Note a refused attempt in the provider's ledger, in a transaction that no rollback takes away."""
    with use_public(), transaction.atomic(durable=True):
        record(verb, target=target, after=after)


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """JSON types that come back from the database exactly as they went in, without secrets."""
    return None if values is None else _mapping(redact(dict(values)))


def _mapping(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {_text(key): _value(value) for key, value in values.items()}


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return _value(value.value)
    if isinstance(value, int):
        # Beyond 53 bits a reader of JSON may round.
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, str | Decimal | float | UUID):
        # Numbers with a fraction are texts: jsonb rewrites them, which would break the hash.
        return _text(value)
    raise TypeError(f"{type(value).__name__} has no place in an audit entry")


def _text(value: object) -> str:
    # jsonb refuses NUL and lone surrogates.
    return str(value).replace("\0", "\ufffd").encode("utf-8", "replace").decode()
