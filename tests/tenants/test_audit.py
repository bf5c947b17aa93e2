"""The audit chain: gapless under concurrency, in the change's transaction, and every tampering is found."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.lib.clock import FrozenClock
from config.lib.redact import Secret
from tenants import audit
from tenants.context import use_actor, use_public, use_request_id, use_tenant
from tenants.ledger.models import AuditAnchor, AuditEntry, OutboxEvent
from tenants.services.evidence import Verdict, anchor_head, verify_chain
from tenants.types import Actor, ActorKind, ClientRef

ANN = Actor(ActorKind.USER, 7, "ann@agency.example")


@pytest.fixture(autouse=True)
def _anchors_apart(tmp_path: Path, settings: Any) -> None:
    """Anchor files of this test only."""
    settings.VAR_DIR = tmp_path


def _write(client: ClientRef, count: int) -> None:
    with use_tenant(client):
        for number in range(count):
            audit.record("thing.changed", target=("thing", number), after={"number": number})


def _verify(client: ClientRef) -> Verdict:
    with use_tenant(client):
        return verify_chain()


def test_an_entry_says_who_did_what_for_which_request_and_no_secret(
    in_acme: ClientRef, frozen_clock: FrozenClock
) -> None:
    """Actor, request, instant, target and values are kept; secrets are masked by name and by type."""
    with use_actor(ANN), use_request_id("req-1"):
        seq = audit.record(
            "connection.rotated",
            target=("connection", 5),
            before={"credential": "old", "name": "US"},
            after={"credential": "new", "name": "US", "key": Secret("hidden"), "rate": Decimal("0.10")},
        )
    entry = AuditEntry.objects.get(seq=seq)
    assert (entry.actor_kind, entry.actor_id, entry.actor_label) == ("user", 7, "ann@agency.example")
    assert (entry.request_id, entry.verb, entry.target_type, entry.target_id) == (
        "req-1",
        "connection.rotated",
        "connection",
        "5",
    )
    assert entry.at == frozen_clock()
    assert entry.before == {"credential": "***", "name": "US"}
    assert entry.after == {"credential": "***", "name": "US", "key": "***", "rate": "0.10"}
    assert verify_chain().is_sound


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.uuids(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_whatever_is_recorded_verifies(in_acme: ClientRef) -> None:
    """Numbers, dates, control characters, lone surrogates: the database gives back what was hashed."""

    @hypothesis_settings(max_examples=150, deadline=None)
    @given(st.dictionaries(st.text(), _VALUES, max_size=4), st.text(max_size=60))
    def check(values: dict[str, Any], target: str) -> None:
        with transaction.atomic():
            audit.record("thing.changed", target=("thing", target.replace("\0", "")), after=values)
            assert verify_chain().is_sound
            transaction.set_rollback(True)

    check()


def test_what_has_no_place_in_an_entry_is_refused(in_acme: ClientRef) -> None:
    """An object would be written as its repr, which tells nothing and may tell too much."""
    with pytest.raises(TypeError):
        audit.record("thing.changed", target=("thing", 1), after={"what": object()})
    assert AuditEntry.objects.count() == 0


def test_the_entry_is_in_the_transaction_of_the_change(committed_db: None, acme: ClientRef) -> None:
    """After a rollback there is neither change nor entry, and the next number is not skipped."""
    _write(acme, 2)
    with use_tenant(acme):
        try:
            with transaction.atomic():
                audit.record("thing.changed", target=("thing", 1))
                raise RuntimeError
        except RuntimeError:
            pass
        assert audit.record("thing.changed", target=("thing", 2)) == 3
        assert verify_chain() == Verdict(3, 0)


def test_eight_writers_leave_no_gap_and_no_fork(
    committed_db: None, acme: ClientRef, globex: ClientRef
) -> None:
    """Concurrent transactions, a third of them rolled back: numbers are 1…n, each chain verifies."""

    def write(worker: int) -> int:
        kept = 0
        client = acme if worker % 2 else globex
        try:
            for number in range(25):
                try:
                    with use_tenant(client), transaction.atomic():
                        audit.record("thing.changed", target=("thing", f"{worker}-{number}"))
                        if number % 3 == 0:
                            raise RuntimeError
                        kept += 1
                except RuntimeError:
                    pass
        finally:
            connections.close_all()
        return kept

    with ThreadPoolExecutor(8) as pool:
        kept = sum(pool.map(write, range(8)))
    entries = 0
    for client in (acme, globex):
        with use_tenant(client):
            seqs = list(AuditEntry.objects.order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, len(seqs) + 1))
        assert _verify(client).is_sound
        entries += len(seqs)
    assert entries == kept


_VICTIM = """
import sys, django
django.setup()
from django.db import transaction
from config.lib import clock
from tenants import audit
from tenants.context import use_tenant
from tenants.ledger.models import OutboxEvent
with use_tenant(int(sys.argv[1])):
    print("ready", flush=True)
    for n in range(100000):
        with transaction.atomic():
            event = OutboxEvent.objects.create(type=f"change-{n}", created_at=clock.now())
            audit.record("thing.changed", target=("thing", f"change-{n}"))
"""


def test_a_killed_writer_leaves_the_change_exactly_when_it_leaves_the_entry(
    committed_db: None, acme: ClientRef, child_environment: dict[str, str]
) -> None:
    """SIGKILL at random moments: business row exists <=> audit row exists, and the chain verifies."""
    rng = random.Random(2026)
    command = [sys.executable, "-c", _VICTIM, str(acme.id)]
    victims = [
        subprocess.Popen(command, env=child_environment, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for victim in victims:
        assert victim.stdout is not None
        assert victim.stdout.readline().strip() == "ready"
    for victim in victims:
        time.sleep(0.1 + rng.random() * 0.2)
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        assert victim.stdout is not None
        victim.stdout.close()
    with use_tenant(acme):
        changes = sorted(OutboxEvent.objects.values_list("type", flat=True))
        entries = sorted(AuditEntry.objects.values_list("target_id", flat=True))
        assert changes == entries
        assert len(entries) > 10
        assert verify_chain().is_sound


Tamper = Callable[[psycopg.Connection, str, int], int]


def _edit(owner: psycopg.Connection, schema: str, at: int) -> int:
    owner.execute(f"update {schema}.ledger_auditentry set after = '{{\"number\": -1}}' where seq = %s", [at])
    return at


def _edit_actor(owner: psycopg.Connection, schema: str, at: int) -> int:
    owner.execute(f"update {schema}.ledger_auditentry set actor_label = 'nobody' where seq = %s", [at])
    return at


def _edit_kind(owner: psycopg.Connection, schema: str, at: int) -> int:
    owner.execute(f"update {schema}.ledger_auditentry set actor_kind = 'ghost' where seq = %s", [at])
    return at


def _backdate(owner: psycopg.Connection, schema: str, at: int) -> int:
    owner.execute(
        f"update {schema}.ledger_auditentry set at = at - interval '1 microsecond' where seq = %s", [at]
    )
    return at


def _delete(owner: psycopg.Connection, schema: str, at: int) -> int:
    owner.execute(f"delete from {schema}.ledger_auditentry where seq = %s", [at])
    return at


def _delete_and_close_up(owner: psycopg.Connection, schema: str, at: int) -> int:
    _delete(owner, schema, at)
    for seq in range(at + 1, 21):
        owner.execute(f"update {schema}.ledger_auditentry set seq = %s where seq = %s", [seq - 1, seq])
    return at


def _swap(owner: psycopg.Connection, schema: str, at: int) -> int:
    table = f"{schema}.ledger_auditentry"
    for old, new in ((at, -1), (at + 1, at), (-1, at + 1)):
        owner.execute(f"update {table} set seq = %s where seq = %s", [new, old])
    return at


def _insert(owner: psycopg.Connection, schema: str, at: int) -> int:
    table = f"{schema}.ledger_auditentry"
    for seq in range(20, at - 1, -1):
        owner.execute(f"update {table} set seq = %s where seq = %s", [seq + 1, seq])
    columns = "at, actor_kind, actor_id, actor_label, request_id, verb, target_type, target_id, before, after"
    owner.execute(
        f"insert into {table} (seq, {columns}, previous_hash, entry_hash)"
        f" select %s, {columns}, previous_hash, entry_hash from {table} where seq = %s",
        [at, at + 1],
    )
    return at + 1


def _cut_tail(owner: psycopg.Connection, schema: str, at: int) -> int:
    owner.execute(f"delete from {schema}.ledger_auditentry where seq >= %s", [at])
    return at


def _rewrite_from(owner: psycopg.Connection, schema: str, at: int) -> int:
    """Change an entry and recompute every hash after it, as somebody would who knows our format."""
    _edit(owner, schema, at)
    _rehash(owner, schema, at)
    return at


def _rehash(owner: psycopg.Connection, schema: str, at: int) -> None:
    client_id = int(schema.removeprefix("t_"))
    table = f"{schema}.ledger_auditentry"
    rows = owner.execute(
        "select seq, at, actor_kind, actor_id, actor_label, request_id, verb, target_type, target_id, before,"
        f" after, previous_hash from {table} where seq >= %s order by seq",
        [at],
    ).fetchall()
    previous = bytes(rows[0][11])
    for seq, when, kind, actor_id, label, request, verb, target_type, target_id, before, after, _ in rows:
        actor = Actor(ActorKind(kind), actor_id, label)
        entry = audit.Entry(client_id, seq, when, actor, request, verb, target_type, target_id, before, after)
        digest = audit.entry_hash(entry, previous)
        owner.execute(
            f"update {table} set previous_hash = %s, entry_hash = %s where seq = %s", [previous, digest, seq]
        )
        previous = digest


@pytest.mark.parametrize(
    "tamper",
    [_edit, _edit_actor, _edit_kind, _backdate, _delete, _delete_and_close_up, _swap, _insert, _cut_tail],
)
@pytest.mark.parametrize("at", [1, 7, 19])
def test_tampering_is_found_and_the_first_bad_entry_named(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef, tamper: Tamper, at: int
) -> None:
    """The owner of the tables edits, deletes, inserts, reorders or cuts; the head was anchored before."""
    _write(acme, 20)
    with use_tenant(acme):
        assert anchor_head() == 20
        assert verify_chain() == Verdict(20, 1)
    expected = tamper(owner_connection, acme.schema_name, at)
    assert _verify(acme).first_bad == expected


def test_a_rewritten_suffix_is_found_by_its_anchor(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef
) -> None:
    """All hashes recomputed: the chain alone holds, the anchors bound the first bad entry from below."""
    _write(acme, 8)
    with use_tenant(acme):
        anchor_head()
    _write(acme, 12)
    with use_tenant(acme):
        anchor_head()
    _rewrite_from(owner_connection, acme.schema_name, 12)
    verdict = _verify(acme)
    assert verdict.first_bad == 9
    assert "rewritten" in verdict.reason


def test_anchors_outlive_the_database(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef
) -> None:
    """Tail and anchors deleted from the tables: the file of anchors still tells."""
    _write(acme, 5)
    with use_tenant(acme):
        anchor_head()
    owner_connection.execute(f"delete from {acme.schema_name}.ledger_auditanchor")
    owner_connection.execute(f"delete from {acme.schema_name}.ledger_auditentry where seq > 3")
    assert _verify(acme).first_bad == 4


def test_a_forged_anchor_is_found(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef
) -> None:
    """An anchor moved to another entry does not carry our signature."""
    _write(acme, 5)
    with use_tenant(acme):
        anchor_head()
    owner_connection.execute(f"update {acme.schema_name}.ledger_auditanchor set seq = 4")
    assert _verify(acme).first_bad == 4


def test_a_chain_moved_to_another_client_is_found(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef, globex: ClientRef
) -> None:
    """The client is part of every hash."""
    _write(acme, 5)
    target, source = (f"{client.schema_name}.ledger_auditentry" for client in (globex, acme))
    owner_connection.execute(f"insert into {target} select * from {source}")
    assert _verify(globex).first_bad == 1


def test_anchoring_is_idempotent(committed_db: None, acme: ClientRef) -> None:
    """One anchor per head."""
    with use_tenant(acme):
        assert anchor_head() is None
        audit.record("thing.changed", target=("thing", 1))
        assert anchor_head() == 1
        assert anchor_head() is None
        assert AuditAnchor.objects.count() == 1


def test_verify_audit_names_the_client_and_the_entry(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef, globex: ClientRef
) -> None:
    """The command checks every ledger, says which is bad and where, and exits with 1."""
    _write(acme, 3)
    _write(globex, 3)
    with use_public():
        audit.record("agency.changed", target=("agency", 1))
    out, err = io.StringIO(), io.StringIO()
    call_command("verify_audit", stdout=out, stderr=err)
    assert out.getvalue().splitlines() == [
        "provider: 1 entries, 0 anchors, sound",
        "acme: 3 entries, 0 anchors, sound",
        "globex: 3 entries, 0 anchors, sound",
    ]
    _edit(owner_connection, globex.schema_name, 2)
    call_command("verify_audit", client="acme", stdout=out, stderr=err)
    with pytest.raises(CommandError) as raised:
        call_command("verify_audit", stdout=out, stderr=err)
    assert raised.value.returncode == 1
    assert err.getvalue() == "globex: first bad entry 2: this entry was changed\n"


def test_a_look_is_one_entry_per_person_resource_and_hour(
    in_acme: ClientRef, frozen_clock: FrozenClock
) -> None:
    """Reading the same page all day leaves one line an hour, not thousands."""
    bob = Actor(ActorKind.USER, 8, "bob")
    for actor, resource, minutes in (
        (ANN, "scorecard", 0),
        (ANN, "scorecard", 1),
        (ANN, "stores", 0),
        (bob, "scorecard", 0),
        (ANN, "scorecard", 40),
        (ANN, "scorecard", 1),
    ):
        frozen_clock.tick(timedelta(minutes=minutes))
        with use_actor(actor):
            audit.record_look(resource)
    looks = [(entry.actor_id, entry.target_type) for entry in AuditEntry.objects.order_by("seq")]
    assert looks == [(7, "scorecard"), (7, "stores"), (8, "scorecard"), (7, "scorecard")]


def test_a_denial_is_kept_in_the_providers_ledger(committed_db: None, acme: ClientRef) -> None:
    """The client's ledger does not hear of it, and it is written at once."""
    with use_actor(ANN):
        audit.record_denied("access.denied", target=("client", "acme"), after={"capability": "kpi_read"})
    with use_public():
        (entry,) = AuditEntry.objects.all()
    assert (entry.verb, entry.target_id, entry.actor_id) == ("access.denied", "acme", 7)
    with use_tenant(acme):
        assert AuditEntry.objects.count() == 0


def test_types_that_json_lacks_are_written_as_texts(in_acme: ClientRef) -> None:
    """Exact numbers, days, instants and ids are texts; numbers that readers of JSON would round too."""
    audit.record(
        "thing.changed",
        target=("thing", 1),
        after={
            "amount": Decimal("1.10"),
            "day": date(2026, 8, 14),
            "at": datetime(2026, 8, 14, tzinfo=UTC),
            "uuid": UUID(int=1),
            "big": 2**60,
            "kind": ActorKind.USER,
            "many": (1, 2),
        },
    )
    assert AuditEntry.objects.get().after == {
        "amount": "1.10",
        "day": "2026-08-14",
        "at": "2026-08-14T00:00:00+00:00",
        "uuid": "00000000-0000-0000-0000-000000000001",
        "big": str(2**60),
        "kind": "user",
        "many": [1, 2],
    }
