"""How cache keys are made: each carries the client, so that no cache serves one client's data to another."""

from __future__ import annotations

from tenants.db.errors import NoTenantChosen
from tenants.db.scope import active


def make_key(key: str, key_prefix: str, version: int) -> str:
    """The KEY_FUNCTION of every cache: client id, prefix, version, key. Refuses when nobody is chosen."""
    scope = active.get()
    if scope is None:
        raise NoTenantChosen
    return f"{scope.client_id}:{key_prefix}:{version}:{key}"


def reverse_key(key: str) -> str:
    """The caller's part of a made key."""
    return key.split(":", 3)[3]
