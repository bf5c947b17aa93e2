"""Whose data this unit of work may touch: a role and a search path, held in a context variable.

The variable is the only truth. A connection asks it before every statement, so a thread that was not given
the context, or a callback that runs after the block was left, finds nobody and is refused, not served
somebody else's rows. This module is private to tenants; others switch through tenants.context.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

PUBLIC_SCHEMA = "public"


@dataclass(frozen=True, slots=True)
class Scope:
    """One schema and the role that goes with it; `client_id` 0 is the provider's public schema."""

    client_id: int
    schema: str

    @property
    def path(self) -> tuple[str, ...]:
        """The search path. Temporary tables come last, so that none can stand in for a client's table."""
        own = () if self.client_id == 0 else (self.schema,)
        return (*own, PUBLIC_SCHEMA, "pg_temp")


PUBLIC = Scope(0, PUBLIC_SCHEMA)

active: ContextVar[Scope | None] = ContextVar("tenants_scope", default=None)


@lru_cache(maxsize=4096)
def scope_of(client_id: int) -> Scope:
    """The scope of a client; the same value for the same client, so that comparing is cheap."""
    if client_id < 1:
        raise ValueError(f"a client's id is positive, not {client_id}")
    return Scope(client_id, f"t_{client_id}")
