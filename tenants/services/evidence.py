"""Proves the audit chain: recomputes it, signs its head, and compares both.

The chain alone shows edits, deletions, insertions and reordering. Whoever may rewrite the whole table could
cut its tail or recompute all hashes; against that, heads are signed (Ed25519) and kept as anchors, in the
ledger and in a file outside of the database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import connection, transaction

from config.lib import clock
from tenants.audit import Entry, entry_hash, first_hash
from tenants.context import current_ledger
from tenants.ledger.models import AuditAnchor
from tenants.types import Actor, ActorKind

_COLUMNS = (
    "seq, at, actor_kind, actor_id, actor_label, request_id, verb, target_type, target_id, before::text,"
    " after::text, previous_hash, entry_hash"
)
_CHUNK = 5000
_KINDS = frozenset(kind.value for kind in ActorKind)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: `first_bad` numbers the first entry that is not as it was written."""

    entries: int
    anchors: int
    first_bad: int | None = None
    reason: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return self.first_bad is None


@dataclass(frozen=True, slots=True)
class _Anchor:
    seq: int
    entry_hash: bytes
    signature: bytes
    signed_at: datetime


def anchor_head() -> int | None:
    """Sign the head of the current ledger's chain; returns its number, None when it is anchored already."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select seq, entry_hash from ledger_auditentry order by seq desc limit 1")
        head = cursor.fetchone()
        if head is None or AuditAnchor.objects.filter(seq=head[0]).exists():
            return None
        signed_at = clock.now()
        seq, digest = int(head[0]), bytes(head[1])
        signature = _key().sign(_statement(current_ledger().id, seq, digest, signed_at))
        AuditAnchor.objects.create(
            seq=seq, entry_hash=digest, signature=signature, key_id=_key_id(), signed_at=signed_at
        )
    _append_to_file(_Anchor(seq, digest, signature, signed_at))
    return seq


def verify_chain() -> Verdict:
    """Recompute the current ledger's chain and compare it with its anchors."""
    anchors = sorted(_anchors(), key=lambda anchor: anchor.seq)
    client_id = current_ledger().id
    for anchor in anchors:
        if not _is_signed(anchor, client_id):
            return Verdict(0, len(anchors), anchor.seq, "the signature of this entry's anchor does not fit")
    wanted = {anchor.seq: anchor for anchor in anchors}
    previous, count, sound_anchor = first_hash(client_id), 0, 0
    for entry, stated_previous, stated in _entries(client_id):
        count += 1
        if entry.seq != count:
            return Verdict(count - 1, len(anchors), count, "this entry is missing")
        if stated_previous != previous or entry_hash(entry, previous) != stated:
            return Verdict(count - 1, len(anchors), count, "this entry was changed")
        previous = stated
        if count in wanted:
            if wanted[count].entry_hash != stated:
                reason = f"the chain was rewritten between this entry and the anchor of entry {count}"
                return Verdict(count, len(anchors), sound_anchor + 1, reason)
            sound_anchor = count
    if anchors and anchors[-1].seq > count:
        reason = f"this entry and those up to {anchors[-1].seq}, which is anchored, are missing"
        return Verdict(count, len(anchors), count + 1, reason)
    return Verdict(count, len(anchors))


def _entries(client_id: int) -> Iterator[tuple[Entry, bytes, bytes]]:
    last = 0
    while rows := _rows_after(last):
        for row in rows:
            yield _entry(client_id, row), bytes(row[11]), bytes(row[12])
        last = rows[-1][0]


def _rows_after(seq: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from ledger_auditentry where seq > %s order by seq limit {_CHUNK}",  # noqa: S608
            [seq],
        )
        rows: list[Any] = cursor.fetchall()
    return rows


def _entry(client_id: int, row: Any) -> Entry:
    seq, at, kind, actor_id, label, request, verb, target_type, target_id, before, after, _, _ = row
    known = kind in _KINDS
    return Entry(
        client_id=client_id,
        seq=seq,
        at=at,
        # An unknown kind was not written by us; any other makes the hash differ.
        actor=Actor(ActorKind(kind) if known else ActorKind.SYSTEM, actor_id, label if known else kind),
        request_id=request,
        verb=verb,
        target_type=target_type,
        target_id=target_id,
        before=None if before is None else orjson.loads(before),
        after=None if after is None else orjson.loads(after),
    )


def _anchors() -> list[_Anchor]:
    found = [
        _Anchor(row.seq, bytes(row.entry_hash), bytes(row.signature), row.signed_at)
        for row in AuditAnchor.objects.all()
    ]
    known = {anchor.seq for anchor in found}
    return found + [anchor for anchor in _anchors_in_file() if anchor.seq not in known]


def _statement(client_id: int, seq: int, digest: bytes, signed_at: datetime) -> bytes:
    at = signed_at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"audit anchor|{client_id}|{seq}|{digest.hex()}|{at}".encode()


def _is_signed(anchor: _Anchor, client_id: int) -> bool:
    statement = _statement(client_id, anchor.seq, anchor.entry_hash, anchor.signed_at)
    try:
        _key().public_key().verify(anchor.signature, statement)
    except InvalidSignature:
        return False
    return True


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(settings.AUDIT_SIGNING_KEY)


def _key_id() -> str:
    public = _key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(public).hexdigest()[:16]


def _file() -> Path:
    name = connection.settings_dict["NAME"]
    folder: Path = settings.VAR_DIR
    return folder.joinpath("anchors", name, f"{current_ledger().id}.jsonl")


def _append_to_file(anchor: _Anchor) -> None:
    path = _file()
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "seq": anchor.seq,
        "entry_hash": anchor.entry_hash.hex(),
        "signature": anchor.signature.hex(),
        "key_id": _key_id(),
        "signed_at": anchor.signed_at.isoformat(),
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, sort_keys=True) + "\n")


def _anchors_in_file() -> list[_Anchor]:
    path = _file()
    if not path.exists():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        _Anchor(
            seq=line["seq"],
            entry_hash=bytes.fromhex(line["entry_hash"]),
            signature=bytes.fromhex(line["signature"]),
            signed_at=datetime.fromisoformat(line["signed_at"]),
        )
        for line in lines
    ]
