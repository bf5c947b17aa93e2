"""Servers for machines that have none: PostgreSQL and a Redis-protocol server, for development.

`urls` says where they are and starts nothing. `ensure_started` starts what this process's environment leaves
to us; nothing here is touched where DATABASE_URL and REDIS_URL name other servers.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.embedded import postgres, redis
from config.embedded.places import EmbeddedError, Places, places_of

__all__ = [
    "EmbeddedError",
    "Status",
    "URLs",
    "ensure_started",
    "start",
    "status",
    "stop",
    "stop_started",
    "urls",
]

# Held shared for the life of every process that uses the servers of a VAR_DIR.
_uses: dict[Path, int] = {}
# The VAR_DIRs whose servers this very process started.
_started: set[Path] = set()


@dataclass(frozen=True, slots=True)
class URLs:
    """Addresses of the embedded servers: the application's login role, the owner, and Redis."""

    database: str
    owner: str
    redis: str


@dataclass(frozen=True, slots=True)
class Status:
    """Which of the servers answer, and where their data is."""

    home: Path
    is_database_ready: bool
    is_redis_ready: bool


def urls(var_dir: Path) -> URLs:
    """The addresses, the same in every process; nothing is started."""
    there = places_of(var_dir)
    return URLs(
        database=postgres.url(there, postgres.LOGIN),
        owner=postgres.url(there, postgres.OWNER),
        redis=redis.url(there),
    )


def ensure_started() -> None:
    """Start the servers that the environment leaves to us; quick and harmless when they run already."""
    from config import env

    found = env.current()
    start(found.var_dir, database=found.embedded_database, broker=found.embedded_redis)


def start(var_dir: Path, *, database: bool = True, broker: bool = True) -> None:
    """Start what is asked for and not running, and hold it for the life of this process."""
    if not (database or broker):
        return
    there = places_of(var_dir)
    with _locked(there):
        _hold(there)
        if database and not postgres.is_ready(there):
            postgres.start(there)
            _started.add(var_dir)
        if database:
            postgres.bootstrap(there)
        if broker and not redis.is_ready(there):
            redis.start(there)
            _started.add(var_dir)


def stop_started() -> None:
    """Stop what this process started, unless another one uses it by now."""
    for var_dir in tuple(_started):
        stop(var_dir)


def stop(var_dir: Path) -> bool:
    """Stop the servers unless another process uses them; returns whether they are stopped."""
    there = places_of(var_dir)
    if not there.home.exists():
        return True
    with _locked(there):
        users = _hold(there)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        try:
            if redis.is_ready(there):
                redis.stop(there)
            if (there.home / "postgres" / "data" / "postmaster.pid").exists():
                postgres.stop(there)
        finally:
            os.close(_uses.pop(there.home))
            _started.discard(var_dir)
    return True


def status(var_dir: Path) -> Status:
    """Ask both servers."""
    there = places_of(var_dir)
    return Status(there.home, postgres.is_ready(there), redis.is_ready(there))


@contextlib.contextmanager
def _locked(there: Places) -> Iterator[None]:
    """One process at a time starts or stops; the kernel frees the lock of a process that dies."""
    there.prepare()
    descriptor = os.open(there.home / "start.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _hold(there: Places) -> int:
    """Register this process as a user of the servers, until it ends."""
    if there.home not in _uses:
        descriptor = os.open(there.home / "users.lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        _uses[there.home] = descriptor
    return _uses[there.home]
