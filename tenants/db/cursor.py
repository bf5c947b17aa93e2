"""Cursors that put the connection on the chosen role and path before each statement, whoever holds them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

if TYPE_CHECKING:
    from tenants.db.base import DatabaseWrapper

# Django's own savepoint statements: they touch no data, and must work in a transaction that has failed.
_SAVEPOINT = re.compile(r'(?:ROLLBACK TO SAVEPOINT|RELEASE SAVEPOINT|SAVEPOINT) "[^";]+"', re.IGNORECASE)
# After any of these the server may stand elsewhere than we think.
_SESSION = re.compile(
    r"(?:^|;)\s*(?:ROLLBACK|COMMIT|SET|RESET|BEGIN|START|END|ABORT|DISCARD|PREPARE|DO|CALL|SELECT\s+SET_CONFIG)\b",
    re.IGNORECASE,
)


class _Scoped:
    """Mixed in before Django's cursor wrapper."""

    cursor: Any
    db: DatabaseWrapper

    def _execute(self, sql: Any, params: Any, *rest: Any) -> Any:
        if not isinstance(sql, str):
            self.db.assume_scope()
            return super()._execute(sql, params, *rest)  # type: ignore[misc]
        if _SAVEPOINT.fullmatch(sql):
            return super()._execute(sql, params, *rest)  # type: ignore[misc]
        self.db.assume_scope()
        if not (_SESSION.search(sql) if ";" in sql else _SESSION.match(sql)):
            return super()._execute(sql, params, *rest)  # type: ignore[misc]
        try:
            return super()._execute(sql, params, *rest)  # type: ignore[misc]
        finally:
            self.db.forget_scope()

    def _executemany(self, sql: Any, param_list: Any, *rest: Any) -> Any:
        self.db.assume_scope()
        return super()._executemany(sql, param_list, *rest)  # type: ignore[misc]

    def callproc(self, procname: Any, params: Any = None, kparams: Any = None) -> Any:
        """Call a stored procedure in the chosen scope."""
        self.db.assume_scope()
        return super().callproc(procname, params, kparams)  # type: ignore[misc]

    def copy(self, *args: Any, **kwargs: Any) -> Any:
        """Start a COPY in the chosen scope (psycopg's context manager)."""
        self.db.assume_scope()
        return self.cursor.copy(*args, **kwargs)

    def stream(self, *args: Any, **kwargs: Any) -> Any:
        """Run a query in the chosen scope and yield its rows as they arrive."""
        self.db.assume_scope()
        return self.cursor.stream(*args, **kwargs)


class ScopedCursor(_Scoped, CursorWrapper):
    """The cursor of ordinary work."""


class ScopedDebugCursor(_Scoped, CursorDebugWrapper):
    """The cursor that also logs its statements; switching the scope is not among them."""
