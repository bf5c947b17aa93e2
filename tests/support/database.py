"""Makes, fills, empties and drops the database of a test process.

Its name ends in the process id, so processes do not meet, and what a killed one left behind is recognised.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from tenants.context import use_public
from tenants.models import Client, Membership, User
from tenants.services import provisioning
from tenants.types import STAFF_ROLES, Actor, ActorKind, ClientRef, Role

CLIENTS: dict[str, dict[str, Any]] = {
    "acme": {"name": "Acme", "reporting_currency": "USD", "time_zone": "Asia/Shanghai"},
    "globex": {"name": "Globex", "reporting_currency": "USD", "time_zone": "Asia/Shanghai"},
}
_KEPT = {
    "django_migrations",
    "django_content_type",
    "tenants_client",
    "tenants_clientkey",
    "tenants_schemastep",
    "tenants_schemaversion",
}
#: The advisory lock of whoever drops what dead processes left behind.
_CLEANING = 7_350_021
_original: dict[str, dict[str, str]] = {}
_clients: dict[str, ClientRef] = {}


def create() -> str:
    """Create and migrate the database of this process and point the settings at it; returns its name."""
    owner, default = connections.settings["owner"], connections.settings["default"]
    _original["owner"], _original["default"] = dict(owner), dict(default)
    base = owner["NAME"]
    name = f"test_{base}_{os.getpid()}"
    with _maintenance() as connection:
        _drop_leavings(connection, f"test_{base}_")
        # A dead process may have had our number.
        _drop_database(connection, name)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    connections.close_all()
    owner["NAME"] = default["NAME"] = name
    default["USER"] = f"{name}_login"
    call_command("migrate", verbosity=0)
    return name


def provision_clients() -> None:
    """Provision the clients every test may use."""
    for slug, fields in CLIENTS.items():
        with use_public():
            client_id = provisioning.next_client_id()
            row = Client(id=client_id, slug=slug, schema_name=provisioning.schema_name(client_id), **fields)
            row.save(force_insert=True)
        provisioning.provision(client_id)
        _clients[slug] = ClientRef(id=client_id, slug=slug, schema_name=row.schema_name, **fields)
    connections.close_all()
    # The first entries of the ledgers tell of the provisioning; tests start with empty ones.
    empty()


def client(slug: str) -> ClientRef:
    """One of the provisioned clients."""
    return _clients[slug]


def make_person(role: Role, ref: ClientRef, email: str = "") -> Actor:
    """Add a person with a role at a client."""
    with use_public():
        user = User.objects.create_user(
            email or f"{role.value}@{ref.slug}.example", name=role.value, is_staff_member=role in STAFF_ROLES
        )
        Membership.objects.create(user=user, client_id=ref.id, role=role)
    return Actor(ActorKind.USER, user.pk, user.email)


def empty() -> None:
    """Remove every row the tests committed, and every client they made; the two provisioned stay."""
    ids = [ref.id for ref in _clients.values()]
    schemas = ["public", *(ref.schema_name for ref in _clients.values())]
    with connect(connections.settings["owner"]["NAME"]) as connection:
        full = _full_tables(connection, schemas)
        if full:
            names = sql.SQL(", ").join(sql.Identifier(*pair) for pair in full)
            connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
        others = connection.execute("SELECT id FROM tenants_client WHERE id <> ALL(%s)", [ids]).fetchall()
        for (client_id,) in others:
            _drop_client(connection, client_id)
        connection.execute("UPDATE tenants_client SET state = 'active', version = 1")


def _full_tables(connection: psycopg.Connection, schemas: list[str]) -> list[tuple[str, str]]:
    tables = connection.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s) AND tablename <> ALL(%s)",
        [schemas, list(_KEPT)],
    ).fetchall()
    if not tables:
        return []
    asked = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {}, {} WHERE EXISTS (SELECT FROM {})").format(
            sql.Literal(schema), sql.Literal(table), sql.Identifier(schema, table)
        )
        for schema, table in tables
    )
    return [(schema, table) for schema, table in connection.execute(asked).fetchall()]


def _drop_client(connection: psycopg.Connection, client_id: int) -> None:
    role = sql.Identifier(f"{connections.settings['owner']['NAME']}_t_{client_id}")
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(f"t_{client_id}")))
    connection.execute("DELETE FROM tenants_clientkey WHERE client_id = %s", [client_id])
    connection.execute("DELETE FROM tenants_schemaversion WHERE client_id = %s", [client_id])
    connection.execute("DELETE FROM tenants_client WHERE id = %s", [client_id])
    connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(role))


def environment() -> dict[str, str]:
    """DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL of this test process."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": _url(connections.settings["default"]),
        "DATABASE_OWNER_URL": _url(connections.settings["owner"]),
        "REDIS_URL": settings.REDIS_URL,
    }


def _url(parts: dict[str, str]) -> str:
    query = {key: parts[name] for key, name in (("host", "HOST"), ("port", "PORT")) if parts[name]}
    login = f"{quote(parts['USER'], safe='')}:{quote(parts['PASSWORD'], safe='')}"
    return f"postgresql://{login}@/{parts['NAME']}?{urlencode(query)}"


def drop(name: str) -> None:
    """Drop the database and its roles, and point the settings back."""
    connections.close_all()
    for alias, parts in _original.items():
        connections.settings[alias].update(parts)
    with _maintenance() as connection:
        _drop_database(connection, name)


def connect(name: str) -> psycopg.Connection:
    """The owner's own connection to a database of the server, in autocommit."""
    owner = connections.settings["owner"]
    return psycopg.connect(
        dbname=name,
        user=owner["USER"] or None,
        password=owner["PASSWORD"] or None,
        host=owner["HOST"] or None,
        port=owner["PORT"] or None,
        autocommit=True,
    )


def _maintenance() -> psycopg.Connection:
    return connect("postgres")


def _drop_leavings(connection: psycopg.Connection, prefix: str) -> None:
    """Drop the databases of test processes that are no more; one process at a time does, the others go on.

    Two at once would drop the same roles, which the server answers with errors.
    """
    (is_ours,) = connection.execute("SELECT pg_try_advisory_lock(%s)", [_CLEANING]).fetchone() or (False,)
    if not is_ours:
        return
    try:
        _drop_orphans(connection, prefix)
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [_CLEANING])


def _drop_orphans(connection: psycopg.Connection, prefix: str) -> None:
    made = connection.execute("SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles").fetchall()
    owners = {match[1] for (name,) in made if (match := re.match(rf"{re.escape(prefix)}(\d+)(?:_|$)", name))}
    for pid in sorted(owners):
        if not _is_running(int(pid)):
            _drop_database(connection, f"{prefix}{pid}")


def _is_running(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}") if os.path.isdir("/proc/self") else True


def _drop_database(connection: psycopg.Connection, name: str) -> None:
    """Drop a database, those made beside it, and then their roles, which hold rights in all of them."""
    databases = connection.execute(
        "SELECT datname FROM pg_database WHERE datname = %s OR starts_with(datname, %s)", [name, f"{name}_"]
    ).fetchall()
    for (database,) in databases:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )
    rows = connection.execute(
        "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [f"{name}_"]
    ).fetchall()
    for (role,) in rows:
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


@contextmanager
def another() -> Iterator[str]:
    """A second database of this process, empty but migrated, in place of the first while the block lasts."""
    owner, default = connections.settings["owner"], connections.settings["default"]
    former = (owner["NAME"], default["NAME"], default["USER"])
    name = f"{former[0]}_b"
    connections.close_all()
    with _maintenance() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    owner["NAME"] = default["NAME"] = name
    default["USER"] = f"{name}_login"
    try:
        call_command("migrate", verbosity=0)
        yield name
    finally:
        connections.close_all()
        owner["NAME"], default["NAME"], default["USER"] = former
        with _maintenance() as connection:
            _drop_database(connection, name)
