"""What each database role may do, asked of the server itself: grants and row-level security, not our code."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, ProgrammingError, connection, connections, transaction

from tenants.context import use_public, use_tenant
from tenants.db.roles import APPEND_ONLY
from tenants.types import ClientRef

READABLE_BY_CLIENTS = {
    "tenants_client",
    "tenants_clientkey",
    "tenants_clientvitals",
    "tenants_contract",
    "tenants_fxrate",
    "tenants_portfoliorow",
    "tenants_provider",
    "tenants_workdue",
}


def _query(query: str) -> list[Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall()) if cursor.description else []


def _is_denied(query: str) -> bool:
    try:
        _query(query)
    except ProgrammingError as error:
        return isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege)
    return False


def _tables(owner: psycopg.Connection, schema: str) -> list[str]:
    rows = owner.execute("select tablename from pg_tables where schemaname = %s order by 1", [schema])
    return [name for (name,) in rows.fetchall()]


def test_a_client_reads_nothing_of_another(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef, globex: ClientRef
) -> None:
    """Select, COPY, insert, sequences and the template are denied for every table of the other schema."""
    tables = _tables(owner_connection, globex.schema_name)
    assert "ledger_auditentry" in tables
    with use_tenant(acme):
        for schema in (globex.schema_name, "t_template"):
            for table in tables:
                assert _is_denied(f"select * from {schema}.{table}")
                assert _is_denied(f"copy {schema}.{table} to stdout")
                assert _is_denied(f"delete from {schema}.{table}")
        assert _is_denied(f"select nextval('{globex.schema_name}.ledger_job_id_seq')")
        assert _is_denied(f"create table {globex.schema_name}.stray (id int)")
        assert _is_denied("create table public.stray (id int)")


def test_a_client_reads_only_the_reference_tables_of_public(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef
) -> None:
    """Every public table is denied but six; the public ledger is among the denied."""
    readable = set()
    tables = _tables(owner_connection, "public")
    assert {"tenants_user", "tenants_membership", "tenants_apikey", "ledger_auditentry", "ledger_job"} < set(
        tables
    )
    with use_tenant(acme):
        for table in tables:
            if not _is_denied(f"select * from public.{table}"):
                readable.add(table)
    assert readable == READABLE_BY_CLIENTS


def test_of_shared_tables_a_client_meets_its_own_rows(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef, globex: ClientRef
) -> None:
    """Row-level security: own client row, own key, own hint; the others' can be neither read nor written."""
    for client in (acme, globex):
        owner_connection.execute(
            "insert into tenants_workdue (client_id, kind, due_at) values (%s, 'job', now())", [client.id]
        )
    with use_tenant(acme):
        assert _query("select id from tenants_client") == [(acme.id,)]
        assert _query("select client_id from tenants_clientkey") == [(acme.id,)]
        assert _query("select client_id from tenants_workdue") == [(acme.id,)]
        _query("update tenants_workdue set due_at = 'epoch'")
        with pytest.raises(DatabaseError, match="row-level security"):
            _query(f"insert into tenants_workdue (client_id, kind, due_at) values ({globex.id}, 'x', now())")
        with pytest.raises(DatabaseError, match="row-level security"):
            _query(f"update tenants_workdue set client_id = {globex.id}")
        assert _is_denied("update tenants_client set state = 'suspended'")
        assert _is_denied("update tenants_clientkey set wrapped = null")
        assert _is_denied("delete from tenants_workdue")
        assert _is_denied("insert into tenants_fxrate values (1)")
    due = owner_connection.execute(
        "select client_id, due_at = 'epoch' from tenants_workdue order by 1"
    ).fetchall()
    assert due == [(acme.id, True), (globex.id, False)]


def test_row_level_security_holds_for_an_owner_that_is_no_superuser_too(
    committed_db: None, owner_connection: psycopg.Connection
) -> None:
    """Each table with rows of several clients, that clients may read, forces its policies."""
    rows = owner_connection.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relforcerowsecurity"
        " and relrowsecurity order by 1"
    ).fetchall()
    assert [name for (name,) in rows] == [
        *("tenants_client", "tenants_clientkey", "tenants_clientvitals", "tenants_contract"),
        *("tenants_portfoliorow", "tenants_workdue"),
    ]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_evidence_can_be_added_to_and_read_only(committed_db: None, acme: ClientRef, table: str) -> None:
    """No application role may update, delete or truncate audit tables, in a client's schema or in public."""
    for scope in (use_tenant(acme), use_public()):
        with scope:
            assert _query(f"select * from {table}") == []
            assert _is_denied(f"update {table} set seq = seq")
            assert _is_denied(f"delete from {table}")
            assert _is_denied(f"truncate {table}")
            assert _is_denied(f"drop table {table}")
            assert _is_denied(f"alter table {table} add column stray int")


def test_the_public_role_reads_no_client_and_no_key(
    committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef
) -> None:
    """Authentication and agency endpoints cannot reach facts, wrapped keys or the template."""
    with use_public():
        for table in _tables(owner_connection, acme.schema_name):
            assert _is_denied(f"select * from {acme.schema_name}.{table}")
        for table in (
            "tenants_clientkey",
            "tenants_schemastep",
            "tenants_schemaversion",
            "django_migrations",
        ):
            assert _is_denied(f"select * from {table}")
        assert _is_denied("delete from tenants_client")


def test_the_login_role_inherits_nothing(committed_db: None, owner_connection: psycopg.Connection) -> None:
    """The login role owns nothing, has no grant on any table, and may use no schema but the catalogue."""
    login = connections.settings["default"]["USER"]
    usable = owner_connection.execute(
        "select nspname from pg_namespace where has_schema_privilege(%s, oid, 'usage')"
        " and nspname !~ '^pg_' and nspname <> 'information_schema'",
        [login],
    ).fetchall()
    readable = owner_connection.execute(
        "select relname from pg_class c join pg_namespace n on n.oid = relnamespace"
        " where nspname !~ '^pg_' and nspname <> 'information_schema' and relkind in ('r', 'S')"
        " and (has_table_privilege(%s, c.oid, 'select,insert,update,delete,truncate') or relowner ="
        " (select oid from pg_roles where rolname = %s))",
        [login, login],
    ).fetchall()
    assert usable == []
    assert readable == []


def test_a_temporary_table_cannot_stand_in_for_a_table(committed_db: None, acme: ClientRef) -> None:
    """pg_temp comes last in the path, so an unqualified name means the client's table."""
    with use_tenant(acme):
        _query("create temporary table ledger_outboxevent (type text)")
        _query("insert into pg_temp.ledger_outboxevent values ('false')")
        assert _query("select type from ledger_outboxevent") == []


def test_statistics_of_other_clients_stay_hidden(
    marked: None, owner_connection: psycopg.Connection, acme: ClientRef, globex: ClientRef
) -> None:
    """pg_stats, which shows the most common values of a column, holds nothing of the other schema."""
    owner_connection.execute(f"analyze {globex.schema_name}.ledger_outboxevent")
    seen = f"select count(*) from pg_stats where schemaname = '{globex.schema_name}'"
    (count,) = owner_connection.execute(seen).fetchone() or (0,)
    assert count > 0
    with use_tenant(acme):
        assert _query(seen) == [(0,)]
