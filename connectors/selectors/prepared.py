"""Small statements of the hottest reads, which the server parses and plans once per connection and client.

A statement that finds a few rows by key takes the server less time than planning it anew each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import connection
from psycopg import Cursor

from tenants.context import require_client


class _PreparedCursor(Cursor[Any]):
    """A driver's cursor that prepares what it runs."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> _PreparedCursor:
        """Run one statement, prepared on this connection from its first use on."""
        super().execute(query, params, **options | {"prepare": True})
        return self


def fetch_prepared(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement of our own in the schema of the current client.

    Its columns must be cast to types that no migration changes: a plan outlives one. Each client has its own
    plan, as the server would make it anew with each change of the search path. Nothing is prepared behind a
    pooler, where the next statement may meet another server process, nor while statements are logged, for
    Django knows the text of its own cursors only.
    """
    with connection.cursor() as cursor:
        driver = connection.connection
        if settings.DATABASE_POOLER == "none" and not connection.queries_logged:
            if driver.prepare_threshold is None:
                driver.prepare_threshold = 0
            # Within Django's cursor, which puts the connection on the client's role and path.
            cursor.cursor = _PreparedCursor(driver)
            statement = f"/* {require_client().schema_name} */ {statement}"
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
