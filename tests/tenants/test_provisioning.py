"""A client comes into being in one transaction by replay, equal to a migrated schema, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections

from config.lib.errors import NotFound
from tenants import audit, crypto
from tenants.context import use_public, use_tenant
from tenants.ledger.models import AuditEntry
from tenants.models import Client, SchemaStep, SchemaVersion
from tenants.services import provisioning, schema
from tenants.services.jobs import start_job
from tenants.tasking import run_job_now
from tenants.types import ClientRef, ClientState, JobState
from tests.support import database
from tests.tenants.conftest import Sent


def _prepare(slug: str = "initech") -> int:
    with use_public():
        client_id = provisioning.next_client_id()
        name = provisioning.schema_name(client_id)
        Client(id=client_id, slug=slug, name=slug.title(), schema_name=name).save(force_insert=True)
    return client_id


def _traces(owner: psycopg.Connection, client_id: int) -> dict[str, Any]:
    """Everything that a client leaves in the database."""
    role = f"{connections.settings['owner']['NAME']}_t_{client_id}"
    queries: dict[str, tuple[str, object]] = {
        "schema": ("select count(*) from pg_namespace where nspname = %s", f"t_{client_id}"),
        "role": ("select count(*) from pg_roles where rolname = %s", role),
        "key": ("select count(*) from tenants_clientkey where client_id = %s", client_id),
        "version": ("select count(*) from tenants_schemaversion where client_id = %s", client_id),
    }
    queries["state"] = ("select state from tenants_client where id = %s", client_id)
    found: dict[str, Any] = {}
    for name, (query, value) in queries.items():
        (found[name],) = owner.execute(query, [value]).fetchone() or (None,)
    return found


NOTHING = {"schema": 0, "role": 0, "key": 0, "version": 0, "state": "preparing"}
ALL = {"schema": 1, "role": 1, "key": 1, "version": 1, "state": "active"}


def _shape(owner: psycopg.Connection, name: str) -> dict[str, list[tuple[Any, ...]]]:
    """What the catalogue says of a schema, without its name: tables, columns, keys, indexes, sequences."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        found = owner.execute(query, {"schema": name}).fetchall()
        return sorted(
            tuple(value.replace(f"{name}.", "") if isinstance(value, str) else value for value in row)
            for row in found
        )

    return {
        "relations": rows(
            "select relname, relkind::text, relpersistence::text, relrowsecurity from pg_class"
            " where relnamespace = %(schema)s::regnamespace and relname not like 'pg_toast%%'"
        ),
        "columns": rows(
            "select c.relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull,"
            " attidentity::text, attstorage::text, coalesce(pg_get_expr(adbin, adrelid), '')"
            " from pg_attribute a"
            " join pg_class c on c.oid = attrelid"
            " left join pg_attrdef d on adrelid = attrelid and adnum = attnum"
            " where relnamespace = %(schema)s::regnamespace and attnum > 0 and not attisdropped"
        ),
        "constraints": rows(
            "select conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid),"
            " condeferrable, condeferred from pg_constraint where connamespace = %(schema)s::regnamespace"
        ),
        "indexes": rows(
            "select tablename, indexname, indexdef from pg_indexes where schemaname = %(schema)s"
        ),
        "sequences": rows(
            "select sequencename, data_type::text, start_value, increment_by, max_value, cache_size"
            " from pg_sequences where schemaname = %(schema)s"
        ),
    }


def test_a_provisioned_schema_equals_a_migrated_one(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef
) -> None:
    """The catalogue shows no difference between a replayed schema and the template that Django migrated."""
    client, template = _shape(owner_connection, acme.schema_name), _shape(owner_connection, schema.TEMPLATE)
    assert client == template
    assert len(client["relations"]) > 10
    migrations = "select app, name from {}.django_migrations order by id"
    assert (
        owner_connection.execute(migrations.format(acme.schema_name)).fetchall()
        == owner_connection.execute(migrations.format(schema.TEMPLATE)).fetchall()
    )


def test_the_role_may_work_with_every_table_and_only_add_evidence(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef
) -> None:
    """Default privileges and limits: the grants of each table are exactly those meant."""
    role = f"{connections.settings['owner']['NAME']}_t_{acme.id}"
    rows = owner_connection.execute(
        "select table_name, string_agg(privilege_type, ',' order by privilege_type)"
        " from information_schema.role_table_grants where table_schema = %s and grantee = %s group by 1",
        [acme.schema_name, role],
    ).fetchall()
    granted: dict[str, str] = dict(rows)
    tables = owner_connection.execute(
        "select tablename from pg_tables where schemaname = %s", [acme.schema_name]
    ).fetchall()
    for (table,) in tables:
        expected = "DELETE,INSERT,SELECT,UPDATE"
        if table in {"ledger_auditentry", "ledger_auditanchor"}:
            expected = "INSERT,SELECT"
        assert granted.pop(table, None) == (None if table == "django_migrations" else expected)
    assert granted == {}


def test_provisioning_makes_everything_and_repeating_changes_nothing(
    committed_db: None, owner_connection: psycopg.Connection
) -> None:
    """Schema, role, key, version and the first audit entry; then the client can be worked for."""
    client_id = _prepare()
    assert _traces(owner_connection, client_id) == NOTHING
    with pytest.raises(NotFound), use_tenant(client_id):
        pytest.fail("a client in preparation must not be entered")
    provisioning.provision(client_id)
    provisioning.provision(client_id)
    assert _traces(owner_connection, client_id) == ALL
    with use_tenant(client_id) as client:
        assert (client.slug, client.schema_name, client.state) == (
            "initech",
            f"t_{client_id}",
            ClientState.ACTIVE,
        )
        assert [(entry.seq, entry.verb) for entry in AuditEntry.objects.all()] == [(1, "client.provisioned")]
        assert crypto.unseal(crypto.seal("s", table="t", row=1, field="f"), table="t", row=1, field="f")


class _Crash(RuntimeError):
    pass


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (schema, "replay_sql"),
        (schema, "replay"),
        (schema, "note_version"),
        (crypto, "create_client_key"),
        (audit, "append"),
    ],
)
def test_an_error_at_any_step_leaves_nothing(
    committed_db: None,
    owner_connection: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
) -> None:
    """Each step fails after having done its part; no trace is left, and a second try succeeds."""
    client_id = _prepare()
    real = getattr(module, name)

    def crash(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise _Crash

    with monkeypatch.context() as patch:
        patch.setattr(module, name, crash)
        with pytest.raises(_Crash):
            provisioning.provision(client_id)
    assert _traces(owner_connection, client_id) == NOTHING
    provisioning.provision(client_id)
    assert _traces(owner_connection, client_id) == ALL


def test_a_terminated_backend_leaves_nothing(
    committed_db: None, owner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends the session in the middle of the transaction."""
    client_id = _prepare()
    real = schema.note_version

    def terminate(*args: Any) -> None:
        owner_connection.execute("select pg_terminate_backend(%s)", [schema.raw_owner().info.backend_pid])
        real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(schema, "note_version", terminate)
        with pytest.raises(OperationalError):
            provisioning.provision(client_id)
    connections["owner"].close()
    assert _traces(owner_connection, client_id) == NOTHING


_VICTIM = """
import sys, django
django.setup()
from tenants.services import provisioning
print("ready", flush=True)
sys.stdin.readline()
for client_id in map(int, sys.argv[1:]):
    provisioning.provision(client_id)
"""


def test_a_process_killed_while_provisioning_leaves_whole_clients_or_none(
    committed_db: None, owner_connection: psycopg.Connection, child_environment: dict[str, str]
) -> None:
    """SIGKILL amid a run over eight clients: each is ALL or NOTHING, and their jobs finish the rest."""
    ids = [_prepare(f"client-{number}") for number in range(8)]
    victim = subprocess.Popen(
        [sys.executable, "-c", _VICTIM, *map(str, ids)],
        env=child_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert victim.stdout is not None
    assert victim.stdin is not None
    assert victim.stdout.readline().strip() == "ready"
    victim.stdin.write("go\n")
    victim.stdin.flush()
    time.sleep(0.15)
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    victim.stdin.close()
    victim.stdout.close()
    traces = [_traces(owner_connection, client_id) for client_id in ids]
    assert all(trace in (ALL, NOTHING) for trace in traces)
    for client_id in ids:
        provisioning.provision(client_id)
        assert _traces(owner_connection, client_id) == ALL


def test_a_client_is_not_provisioned_while_a_release_is_replayed(
    committed_db: None, owner_connection: psycopg.Connection
) -> None:
    """It would be made from the old steps after the release has listed whom to bring up, and stay behind."""
    client_id = _prepare()

    def provision() -> None:
        try:
            provisioning.provision(client_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        owner_connection.execute("select pg_advisory_lock(%s)", [schema.SCHEMA_LOCK])
        making = pool.submit(provision)
        time.sleep(0.3)
        assert not making.done()
        owner_connection.execute("select pg_advisory_unlock(%s)", [schema.SCHEMA_LOCK])
        making.result()
    assert _traces(owner_connection, client_id) == ALL


def test_the_job_provisions(committed_db: None, owner_connection: psycopg.Connection, sent: Sent) -> None:
    """The job of the provider's ledger makes the client, and may be repeated by whoever takes it over."""
    client_id = _prepare()
    with use_public():
        job = start_job("tenants.provision_client", key=str(client_id), payload={"client_id": client_id})
        assert run_job_now(job.id).state == JobState.SUCCEEDED
        again = start_job("tenants.provision_client", key=str(client_id), payload={"client_id": client_id})
        assert run_job_now(again.id).state == JobState.SUCCEEDED
        nobody = start_job("tenants.provision_client", key="0", payload={"client_id": 987_654})
        assert run_job_now(nobody.id).state == JobState.FAILED
    assert _traces(owner_connection, client_id) == ALL


def test_provisioning_takes_few_round_trips(committed_db: None) -> None:
    """A replay, not a migration: the number of statements does not grow with the number of tables."""
    client_id = _prepare()
    statements: list[str] = []

    def count(execute: Any, query: Any, params: Any, many: bool, context: Any) -> Any:
        statements.append(str(query))
        return execute(query, params, many, context)

    with connections["owner"].execute_wrapper(count):
        provisioning.provision(client_id)
    assert len(statements) <= 16


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[psycopg.Connection]:
    """A database of the test's own, migrated, with three clients, which the test may migrate further."""
    with django_db_blocker.unblock(), database.another() as name:
        for slug in ("one", "two", "three"):
            provisioning.provision(_prepare(slug))
        with database.connect(name) as owner:
            yield owner


def _columns(owner: psycopg.Connection) -> dict[str, bool]:
    """Which schemas have the next release's column."""
    rows = owner.execute(
        "select table_schema, bool_or(column_name = 'note') from information_schema.columns"
        " where table_name = 'ledger_outboxevent' group by 1"
    )
    return dict(rows.fetchall())


def _migrate(**options: Any) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, **options)


NEXT = {"ledger": "tests.tenants.migrations_next"}


def test_a_release_with_nothing_to_do_costs_one_query(committed_db: None) -> None:
    """`manage.py migrate` asks once whether everything is current."""
    statements: list[str] = []

    def count(execute: Any, query: Any, params: Any, many: bool, context: Any) -> Any:
        statements.append(str(query))
        return execute(query, params, many, context)

    with connections["owner"].execute_wrapper(count):
        _migrate()
        _migrate(check_unapplied=True)
    assert len(statements) == 2


def test_a_release_is_replayed_over_all_clients(own_database: psycopg.Connection, settings: Any) -> None:
    """Public by Django, clients by replay, new ones by all steps; SQL moves data; twice changes nothing."""
    from django.core.management import CommandError

    own_database.execute(
        "insert into t_2.ledger_outboxevent (type, payload, created_at) values ('was moved', '{}', now())"
    )
    settings.MIGRATION_MODULES = NEXT
    with pytest.raises(CommandError):
        _migrate(check_unapplied=True)
    _migrate()
    assert _columns(own_database) == dict.fromkeys(["public", "t_template", "t_1", "t_2", "t_3"], True)
    assert own_database.execute("select note from t_2.ledger_outboxevent").fetchone() == ("it's moved",)
    provisioning.provision(_prepare("four"))
    template = _shape(own_database, "t_template")
    for name in ("t_1", "t_4"):
        assert _shape(own_database, name) == template
    with use_tenant(4), connection.cursor() as cursor:
        cursor.execute("select count(*) from ledger_extra")
    assert [len(step.statements) > 0 for step in SchemaStep.objects.using("owner").order_by("id")] == [
        True,
        True,
    ]
    _migrate()
    _migrate(check_unapplied=True)


def test_an_interrupted_release_leaves_each_client_old_or_new_and_is_resumed(
    own_database: psycopg.Connection, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second client's transaction breaks: the first is new, the others are old; a rerun ends it."""
    settings.MIGRATION_MODULES = NEXT
    real = schema.replay

    def crash(client_id: int, script: str) -> None:
        real(client_id, script)
        if client_id == 2:
            raise _Crash

    with monkeypatch.context() as patch:
        patch.setattr(schema, "replay", crash)
        with pytest.raises(_Crash):
            _migrate(batch=1)
    assert _columns(own_database) == {
        "public": True,
        "t_template": True,
        "t_1": True,
        "t_2": False,
        "t_3": False,
    }
    versions = dict(SchemaVersion.objects.using("owner").values_list("client_id", "digest"))
    assert versions[1] != versions[2] == versions[3]
    _migrate()
    assert set(_columns(own_database).values()) == {True}


def test_a_batch_is_one_transaction(
    own_database: psycopg.Connection, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All clients of a batch become new together or stay old together."""
    settings.MIGRATION_MODULES = NEXT
    real = schema.replay

    def crash(client_id: int, script: str) -> None:
        real(client_id, script)
        if client_id == 2:
            raise _Crash

    with monkeypatch.context() as patch:
        patch.setattr(schema, "replay", crash)
        with pytest.raises(_Crash):
            _migrate(batch=3)
    clients = {name: new for name, new in _columns(own_database).items() if name[2:].isdigit()}
    assert clients == {"t_1": False, "t_2": False, "t_3": False}


def test_a_migration_that_cannot_be_replayed_is_refused(
    own_database: psycopg.Connection, settings: Any
) -> None:
    """RunPython would run on the template's empty tables and never on a client's rows."""
    settings.MIGRATION_MODULES = {"ledger": "tests.tenants.migrations_refused"}
    with pytest.raises(schema.MigrationRefused, match="runs Python"):
        _migrate()
