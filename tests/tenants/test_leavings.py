"""What a killed test process leaves behind is dropped once, however many others begin at that moment."""

from __future__ import annotations

import subprocess
import threading

import psycopg
from django.db import connections
from psycopg import sql

from tests.support import database


def _dead_pid() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def _left(connection: psycopg.Connection, name: str) -> set[str]:
    rows = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %(name)s)"
        " UNION SELECT rolname FROM pg_roles WHERE starts_with(rolname, %(name)s)",
        {"name": name},
    ).fetchall()
    return {found for (found,) in rows}


def test_leavings_are_dropped_by_one_of_many(django_db_setup: None) -> None:
    """A database, a second one beside it and roles with rights in both; nobody fails over another's drop."""
    prefix = f"{connections.settings['owner']['NAME']}x"
    name = f"{prefix}{_dead_pid()}"
    with database.connect("postgres") as connection:
        for role in ("login", "public", "b_login"):
            connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(f"{name}_{role}")))
        for each in (name, f"{name}_b"):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(each)))
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                    sql.Identifier(each), sql.Identifier(f"{name}_b_login")
                )
            )
        assert len(_left(connection, name)) == 5
    faults: list[psycopg.Error] = []

    def clean() -> None:
        try:
            with database.connect("postgres") as own:
                database._drop_leavings(own, prefix)
        except psycopg.Error as error:
            faults.append(error)

    threads = [threading.Thread(target=clean) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with database.connect("postgres") as connection:
        assert _left(connection, name) == set()


def test_what_a_living_process_uses_stays(django_db_setup: None) -> None:
    """Our own database among them."""
    own = connections.settings["owner"]["NAME"]
    with database.connect("postgres") as connection:
        before = _left(connection, own)
        database._drop_leavings(connection, own.rpartition("_")[0] + "_")
        assert _left(connection, own) == before != set()
