"""The backend fails closed: no statement runs for anybody but the chosen client, whatever goes wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, InternalError, connection, connections, transaction
from django.test import override_settings
from django_tenants.postgresql_backend.base import DatabaseWrapper as StockWrapper

from tenants.context import use_public, use_tenant
from tenants.db.base import DatabaseWrapper
from tenants.db.errors import NoTenantChosen, TenantScopeError
from tenants.types import ClientRef

WHO = "select current_user, current_setting('search_path')"
# A path of one name that no schema can have.
NOWHERE = '""'
MARKER = "select type from ledger_outboxevent"


def _ask(query: str = WHO) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()


def _server_stands_on() -> tuple[str, str]:
    """Ask beneath Django, where no scope is applied first."""
    row: tuple[str, str] = connection.connection.execute(WHO).fetchone()
    return row


def _database() -> str:
    name: str = connections.settings["default"]["NAME"]
    return name


def test_nothing_runs_before_somebody_is_chosen(committed_db: None) -> None:
    """Plain, many, COPY and named cursors are all refused, and nothing reaches the server."""
    with connection.cursor() as cursor:
        for run in (
            lambda: cursor.execute("select 1"),
            lambda: cursor.executemany("select %s", [[1]]),
            lambda: cursor.copy("copy (select 1) to stdout"),
            lambda: list(cursor.stream("select 1")),
        ):
            with pytest.raises(NoTenantChosen):
                run()
    with pytest.raises(NoTenantChosen), connection.chunked_cursor() as cursor:
        cursor.execute("select 1")


def test_role_and_path_follow_the_choice_and_rest_afterwards(
    committed_db: None, acme: ClientRef, globex: ClientRef
) -> None:
    """Nested choices restore the former; after the outermost the server is on the login role, pathless."""
    name = _database()
    with use_tenant(acme):
        assert _ask() == (f"{name}_t_{acme.id}", f"t_{acme.id}, public, pg_temp")
        with use_tenant(globex):
            assert _ask() == (f"{name}_t_{globex.id}", f"t_{globex.id}, public, pg_temp")
            with use_public():
                assert _ask() == (f"{name}_public", "public, pg_temp")
        assert _ask() == (f"{name}_t_{acme.id}", f"t_{acme.id}, public, pg_temp")
    assert _server_stands_on() == (f"{name}_login", NOWHERE)


def test_the_login_role_may_read_nothing(committed_db: None, acme: ClientRef) -> None:
    """Whoever got hold of a resting connection meets "permission denied" at every table, qualified or not."""
    with use_tenant(acme):
        _ask()
    for table in (f"t_{acme.id}.ledger_job", "public.tenants_client", "public.tenants_fxrate"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.connection.execute(f"select * from {table}")


def test_an_application_that_logs_in_as_the_owner_rests_on_nobody(
    committed_db: None, acme: ClientRef
) -> None:
    """With DATABASE_URL alone login and owner are one; between units of work it still may read nothing."""
    parts = {**connections.settings["owner"], "TENANT_ROLES": True}
    wrapper = DatabaseWrapper(parts, "default")
    with use_tenant(acme), wrapper.cursor() as cursor:
        cursor.execute(WHO)
        assert cursor.fetchone() == (f"{_database()}_t_{acme.id}", f"t_{acme.id}, public, pg_temp")
    wrapper.rest()
    assert wrapper.connection.execute(WHO).fetchone() == (f"{_database()}_nobody", NOWHERE)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        wrapper.connection.execute("select * from public.tenants_client")
    wrapper.close()


def test_a_transaction_around_the_choice_ends_at_rest(committed_db: None, acme: ClientRef) -> None:
    """Commit and rollback of a transaction that outlives the choice leave the login role too."""
    with transaction.atomic(), use_tenant(acme):
        _ask()
    assert _server_stands_on() == (f"{_database()}_login", NOWHERE)
    with pytest.raises(DatabaseError), transaction.atomic(), use_tenant(acme):
        _ask("select 1/0")
    assert _server_stands_on() == (f"{_database()}_login", NOWHERE)


def test_a_cursor_kept_over_a_switch_reads_for_the_new_client(
    marked: None, acme: ClientRef, globex: ClientRef
) -> None:
    """Stock sets the path when a cursor is made: one made for acme would read acme ever after."""
    with use_tenant(acme):
        cursor = connection.cursor()
        cursor.execute(MARKER)
        assert cursor.fetchone() == ("acme",)
        with use_tenant(globex):
            cursor.execute(MARKER)
            assert cursor.fetchone() == ("globex",)
    with pytest.raises(NoTenantChosen):
        cursor.execute(MARKER)


@pytest.mark.parametrize("statement", ["set search_path = t_1", "reset role", "select 1; reset all"])
def test_a_statement_that_moves_the_session_is_not_believed(
    marked: None, acme: ClientRef, statement: str
) -> None:
    """Raw SQL that changes role or path has no effect on the next statement."""
    with use_tenant(acme):
        with connection.cursor() as cursor:
            cursor.execute(statement)
        assert _ask()[0] == f"{_database()}_t_{acme.id}"
        assert _ask(MARKER) == ("acme",)


def test_a_rollback_takes_a_switch_back(marked: None, acme: ClientRef, globex: ClientRef) -> None:
    """A switch made in a transaction is reverted with it; the next statement knows."""
    with use_tenant(acme):
        _ask()
        with use_tenant(globex):
            with transaction.atomic():
                assert _ask(MARKER) == ("globex",)
                transaction.set_rollback(True)
            assert _ask(MARKER) == ("globex",)


def test_a_savepoint_rollback_takes_a_switch_back(marked: None, acme: ClientRef, globex: ClientRef) -> None:
    """After ROLLBACK TO SAVEPOINT the server is on the former client; the next statement knows."""
    with use_tenant(acme), transaction.atomic():
        _ask()
        with use_tenant(globex):
            with transaction.atomic():
                assert _ask(MARKER) == ("globex",)
                transaction.set_rollback(True)
            assert _ask(MARKER) == ("globex",)
        assert _ask(MARKER) == ("acme",)


def _fail_then_switch(other: ClientRef) -> None:
    with transaction.atomic():
        with pytest.raises(DatabaseError):
            _ask("select 1/0")
        with use_tenant(other):
            _ask(MARKER)


def test_switching_in_a_failed_transaction_raises_and_rolls_back(
    marked: None, acme: ClientRef, globex: ClientRef
) -> None:
    """Where only ROLLBACK can follow, a switch surfaces its error; the rollback itself goes through."""
    with use_tenant(acme):
        with pytest.raises(InternalError):
            _fail_then_switch(globex)
        assert _ask(MARKER) == ("acme",)


def _swallow_and_commit(wrapper: Any, switch: Callable[[str], Any], first: str, second: str) -> str:
    """Stand on `first`; switch to `second`, swallow an error in a transaction, COMMIT; read for `second`."""

    def read() -> str:
        with wrapper.cursor() as cursor:
            cursor.execute(MARKER)
            return str(cursor.fetchone()[0])

    switch(first)
    assert read() == first
    switch(second)
    wrapper.set_autocommit(False)
    assert read() == second
    try:
        with wrapper.cursor() as cursor:
            cursor.execute("select 1/0")
    except DatabaseError:
        pass
    wrapper.commit()
    wrapper.set_autocommit(True)
    return read()


def test_a_swallowed_error_before_commit_leaks_with_the_stock_backend_and_not_with_ours(
    marked: None, acme: ClientRef, globex: ClientRef
) -> None:
    """COMMIT of a failed transaction silently rolls role and path back (control: stock with its cache on)."""
    schemas = {"acme": acme, "globex": globex}
    stock = StockWrapper(dict(connections["owner"].settings_dict), "stock")
    with override_settings(TENANT_LIMIT_SET_CALLS=True):
        wrong = _swallow_and_commit(
            stock, lambda slug: stock.set_schema(schemas[slug].schema_name), "acme", "globex"
        )
    stock.close()
    assert wrong == "acme", "the control arm no longer shows the hole"

    opened: list[Any] = []

    def switch(slug: str) -> None:
        if opened:
            opened.pop().__exit__(None, None, None)
        opened.append(use_tenant(schemas[slug]))
        opened[-1].__enter__()

    try:
        assert _swallow_and_commit(connection, switch, "acme", "globex") == "globex"
    finally:
        opened.pop().__exit__(None, None, None)


class _Storm:
    """Cancels whatever a backend does, about a thousand times a second, from a connection of its own."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._stop = threading.Event()
        self.pid = 0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._stop.is_set():
            if self.pid:
                self._connection.execute("select pg_cancel_backend(%s)", [self.pid])
            time.sleep(0.0005)

    def __enter__(self) -> _Storm:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()


def _read_through_storm(
    storm: _Storm,
    wrapper: Any,
    read_for: Callable[[ClientRef], str],
    clients: tuple[ClientRef, ...],
    *,
    seconds: float,
    is_enough: Callable[[int], bool],
) -> tuple[int, int, int]:
    """Read the marker for alternating clients; returns reads, surfaced errors and wrong reads."""
    reads = errors = wrong = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end and not is_enough(wrong):
        client = clients[reads % len(clients)]
        try:
            storm.pid = wrapper.connection.info.backend_pid if wrapper.connection else 0
            found = read_for(client)
        except DatabaseError:
            errors += 1
            continue
        reads += 1
        wrong += found != client.slug
    storm.pid = 0
    return reads, errors, wrong


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_storm_of_cancels_leaks_with_the_stock_backend_and_not_with_ours(
    marked: None, acme: ClientRef, globex: ClientRef, owner_connection: psycopg.Connection
) -> None:
    """pg_cancel_backend hits `SET search_path`: stock swallows it and reads the former client's row.

    The control arm runs until it has leaked once (half a minute at most), ours for four seconds.
    """
    clients = (acme, globex)
    stock = StockWrapper(dict(connections["owner"].settings_dict), "stock")
    stock.ensure_connection()

    def stock_read(client: ClientRef) -> str:
        stock.set_schema(client.schema_name)
        with stock.cursor() as cursor:
            cursor.execute(MARKER)
            return str(cursor.fetchone()[0])

    def our_read(client: ClientRef) -> str:
        with use_tenant(client):
            return str(_ask(MARKER)[0])

    # Inside use_public no switch passes through the login role, which would turn a leak into an error.
    with _Storm(owner_connection) as storm, use_public():
        *_, wrong = _read_through_storm(
            storm, stock, stock_read, clients, seconds=30, is_enough=lambda wrong: wrong > 0
        )
        assert wrong > 0, "the control arm showed no leak in 30 s: the storm does not reach the switch"
        reads, errors, wrong = _read_through_storm(
            storm, connection, our_read, clients, seconds=4, is_enough=lambda wrong: wrong > 0
        )
    stock.close()
    assert wrong == 0
    assert errors > 0
    assert reads > 300


def test_a_dropped_connection_comes_back_on_the_chosen_client(
    marked: None, acme: ClientRef, globex: ClientRef, owner_connection: psycopg.Connection
) -> None:
    """After the backend was terminated and Django reconnects, the new session is put on the client first."""
    with use_tenant(acme):
        _ask(MARKER)
        owner_connection.execute("select pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        with use_tenant(globex):
            with pytest.raises(DatabaseError):
                _ask(MARKER)
            connection.close_if_unusable_or_obsolete()
            assert _ask(MARKER) == ("globex",)


def test_the_stock_switch_is_refused(committed_db: None, acme: ClientRef) -> None:
    """django-tenants' own way to switch would go past the context."""
    with pytest.raises(TenantScopeError):
        connection.set_schema(acme.schema_name)  # type: ignore[attr-defined]


def test_the_owner_switches_its_path_and_keeps_its_role(committed_db: None, acme: ClientRef) -> None:
    """The owner's alias is for migrations: no roles, a path by set_schema, public by default."""
    owner = connections["owner"]
    assert isinstance(owner, DatabaseWrapper)
    with owner.cursor() as cursor:
        cursor.execute(WHO)
        user, path = cursor.fetchone()
        assert (user, path) == (owner.settings_dict["USER"], "public, pg_temp")
        owner.set_schema(acme.schema_name)
        cursor.execute(WHO)
        assert cursor.fetchone() == (user, f"{acme.schema_name}, public, pg_temp")
        owner.set_schema_to_public()
        cursor.execute(WHO)
        assert cursor.fetchone() == (user, "public, pg_temp")


def test_a_switch_while_rows_arrive_is_refused(
    committed_db: None, acme: ClientRef, globex: ClientRef
) -> None:
    """A stream is not cut short by work for another client: the other work fails, the stream goes on."""
    with use_tenant(acme), connection.cursor() as cursor:
        rows = cursor.stream("select generate_series(1, 3)")
        assert next(rows) == (1,)
        with use_tenant(globex), pytest.raises(DatabaseError):
            _ask()
        assert list(rows) == [(2,), (3,)]
        assert _ask()[0] == f"{_database()}_t_{acme.id}"
