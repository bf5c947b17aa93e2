"""Whether rows are still those that were read before, without reading what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# The server that answers: after a restore the marks of rows count anew, which no process survives unnoticed.
SERVER = "pg_postmaster_start_time()::text"


def rows_version(alias: str) -> str:
    """SQL of an aggregate that differs whenever the rows of the table `alias` are others; null: no rows.

    Every write leaves its row at another place or by another transaction, and no pair of the two comes again
    (within four billion transactions). The pairs are hashed to 64 bits and added up.
    """
    return f"sum(hashtidextended({alias}.ctid, {alias}.xmin::text::bigint))::text"


def among(store_ids: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """SQL after `in` for these stores (none named: all active ones), and its parameters.

    One parameter per store: of an array the planner cannot tell the length, and plans anew each time.
    """
    if not store_ids:
        return "(select id from connectors_store where is_active)", {}
    named = {f"store{n}": store_id for n, store_id in enumerate(store_ids)}
    return f"({', '.join(f'%({name})s::bigint' for name in named)})", named
