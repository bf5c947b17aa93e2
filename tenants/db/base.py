"""The database backend: role and search path in one message, failing closed.

It derives from django-tenants' backend and mends two holes of it, both reproduced in the tests:

* the stock backend swallows an error of `SET search_path`, and the next statement runs on the former
  client's path. Here the error always surfaces;
* a SQL error swallowed inside `atomic()` turns COMMIT into a silent rollback, which reverts role and path
  while the cached name stays. Here what is known about them is forgotten after commit, rollback, savepoint
  rollback and close.

A database with `"TENANT_ROLES": True` follows tenants.context and starts on nobody: a statement before a
client or the public schema is chosen raises `NoTenantChosen`. One with `False` is the owner's: it keeps its
login role and only switches its path, by `set_schema`.
"""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantsWrapper
from psycopg import Error as DriverError
from psycopg import ProgrammingError as DriverProgrammingError
from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus

from tenants.db.cursor import ScopedCursor, ScopedDebugCursor
from tenants.db.errors import NoTenantChosen, TenantScopeError
from tenants.db.roles import RoleNames
from tenants.db.scope import Scope, active


def _both(role: str | None, path: Sequence[str]) -> str:
    """Role (None: the login role) and search path in one message, which the server takes or refuses whole.

    Two SETs in the simple protocol cost it a third less than one SELECT of two set_config.
    """
    who = sql.SQL("NONE") if role is None else sql.Identifier(role)
    return sql.SQL("SET ROLE {}; ").format(who).as_string() + _path(path)


def _path(names: Sequence[str]) -> str:
    """What sets the search path; no names: nothing is found there but the system's own."""
    listed = sql.SQL(", ").join(map(sql.Identifier, names)) if names else sql.Literal("")
    return sql.SQL("SET search_path = {}").format(listed).as_string()


class DatabaseWrapper(TenantsWrapper):  # type: ignore[misc]
    """A connection that is put on the chosen role and path before each statement."""

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        self._has_roles = bool(settings_dict.get("TENANT_ROLES", False))
        # What the server is known to stand on; None when that is not known. Both are compared by value.
        self._applied: str | None = None
        self._statements: dict[Scope, str] = {}
        self._resting: str | None = None
        self._owner_statements: dict[tuple[str, bool], str] = {}
        self._schema: str | None = None
        super().__init__(settings_dict, alias)

    # Who is chosen

    @property
    def schema_name(self) -> str | None:
        """The schema of the chosen scope; None when nobody is chosen."""
        if not self._has_roles:
            return self._schema
        scope = active.get()
        return scope.schema if scope else None

    @schema_name.setter
    def schema_name(self, value: str | None) -> None:
        if not self._has_roles:
            self._schema = value

    @property
    def has_tenant_roles(self) -> bool:
        """Whether this connection becomes the role of whom is chosen (else it is the owner's)."""
        return self._has_roles

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Switch the owner's path (django-tenants' interface); refused where roles follow the context."""
        if self._has_roles:
            raise TenantScopeError("this connection follows tenants.context: use use_tenant or use_public")
        super().set_tenant(tenant, include_public)

    def set_schema_to_public(self) -> None:
        """Switch the owner's path to public; where roles follow the context there is nothing to switch."""
        if not self._has_roles:
            super().set_schema_to_public()

    # Applying it

    def _statement(self) -> str:
        if not self._has_roles:
            return self._owner_statement()
        scope = active.get()
        if scope is None:
            raise NoTenantChosen
        statement = self._statements.get(scope)
        if statement is None:
            names = RoleNames(self.settings_dict["NAME"])
            role = names.client(scope.client_id) if scope.client_id else names.public
            statement = self._statements[scope] = _both(role, scope.path)
        return statement

    def _owner_statement(self) -> str:
        if not self._schema:
            raise NoTenantChosen
        key = (self._schema, self.include_public_schema)
        statement = self._owner_statements.get(key)
        if statement is None:
            statement = _path([*self._get_cursor_search_paths(), "pg_temp"])
            self._owner_statements[key] = statement
        return statement

    def assume_scope(self) -> None:
        """Put the server on the chosen role and path; an error of it always surfaces."""
        self.validate_no_broken_transaction()
        statement = self._statement()
        if statement is self._applied or statement == self._applied:
            return
        self._applied = None
        try:
            self._switch(statement)
        except DriverError:
            with self.wrap_database_errors:
                raise
        self._applied = statement

    def _switch(self, statement: str) -> None:
        driver = self.connection
        status = driver.pgconn.transaction_status
        if status == TransactionStatus.ACTIVE:
            raise DriverProgrammingError("another command's rows are still arriving on this connection")
        if not driver.autocommit or status != TransactionStatus.IDLE:
            # The driver may have to begin the transaction. A prepared statement cannot hold two commands.
            driver.execute(statement, prepare=False)
            return
        # Beneath the driver's cursors: in a small request they cost more than the switches themselves.
        result = driver.pgconn.exec_(statement.encode())
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)

    def forget_scope(self) -> None:
        """Trust nothing that was known about the server's role and path."""
        self._applied = None

    def _rest_statement(self) -> str:
        """The login role itself; where the application logs in as the owner, a role without any right."""
        if self._resting is None:
            owner = connections.settings.get("owner", {})
            is_owner = self.settings_dict["USER"] == owner.get("USER")
            role = RoleNames(self.settings_dict["NAME"]).nobody if is_owner else None
            self._resting = _both(role, ())
        return self._resting

    def rest(self) -> None:
        """Put an idle connection back on the login role, which may read nothing.

        Called when a unit of work ends. Inside a transaction the end of the transaction does it. A connection
        that cannot be put to rest is closed: nobody inherits it.
        """
        statement = self._rest_statement()
        if not self._has_roles or self.connection is None or self._applied == statement:
            return
        if self.in_atomic_block or not self.autocommit:
            return
        self._applied = None
        if self.connection.closed or self.connection.info.transaction_status != TransactionStatus.IDLE:
            self.close()
            return
        try:
            self._switch(statement)
        except DriverError:
            self.close()
        else:
            self._applied = statement

    # django-tenants' hooks: everything goes through the cursor's execute instead

    def _cursor(self, name: str | None = None) -> Any:
        # Not the parent's: it sets the path once per cursor and not before each statement.
        return super(TenantsWrapper, self)._cursor(name)

    def _handle_search_path(self, cursor: Any = None) -> None:
        self.assume_scope()

    def make_cursor(self, cursor: Any) -> ScopedCursor:
        """A cursor that assumes the scope before each statement."""
        return ScopedCursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> ScopedDebugCursor:
        """The same, logging statements."""
        return ScopedDebugCursor(cursor, self)

    # What makes the server forget

    def connect(self) -> None:
        """Open a connection that stands nowhere yet."""
        self._applied = None
        # The roles' names hold the database's, which a test may have changed.
        self._statements.clear()
        self._resting = None
        super().connect()

    def close(self) -> None:
        """Close, and know nothing any more."""
        self._applied = None
        super().close()

    def commit(self) -> None:
        """Commit. In a transaction that has failed COMMIT is a rollback, so role and path are unknown now."""
        try:
            super().commit()
        finally:
            self._applied = None

    def rollback(self) -> None:
        """Roll back, which reverts role and path too."""
        try:
            super().rollback()
        finally:
            self._applied = None

    def savepoint_rollback(self, sid: str) -> None:
        """Roll back to a savepoint, which reverts a role and path set after it."""
        try:
            super().savepoint_rollback(sid)
        finally:
            self._applied = None

    def set_autocommit(
        self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False
    ) -> None:
        """End (or begin) a transaction; the last one of a unit of work puts the connection to rest."""
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        if autocommit and self._has_roles and active.get() is None:
            self.rest()

    # Work that comes later, or that needs nobody

    def on_commit(self, func: Callable[[], object], robust: bool = False) -> None:
        """Run `func` after commit in the context of *now*: the same client and actor, whoever commits."""
        if not callable(func):
            raise TypeError("on_commit()'s callback must be a callable.")
        context = contextvars.copy_context()

        @functools.wraps(func, assigned=("__doc__", "__module__", "__name__", "__qualname__"), updated=())
        def in_its_context() -> None:
            context.run(func)

        super().on_commit(in_its_context, robust)

    def check_constraints(self, table_names: list[str] | None = None) -> None:
        """Check deferred constraints now; no data is read, so nobody needs to be chosen."""
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
