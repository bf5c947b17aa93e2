"""Gives each test process a numbered Redis database of its own, as long as it lives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from celery import current_app
from django.conf import settings
from redis import Redis

from config import databases

_NUMBERS = range(1, 16)


@contextmanager
def claimed(url: str) -> Iterator[str]:
    """Claim a free number on the server of `url`; yields the URL of that database, emptied."""
    with Redis.from_url(url) as server:
        number = _claim(server)
        own = _with_number(url, number)
        try:
            with Redis.from_url(own) as client:
                client.flushdb()
            yield own
            with Redis.from_url(own) as client:
                client.flushdb()
        finally:
            server.delete(_lock(number))


def use(url: str) -> None:
    """Point the settings of this process at `url`."""
    settings.REDIS_URL = url
    settings.CACHES["default"]["LOCATION"] = url
    settings.CELERY_BROKER_URL = databases.broker(url)
    current_app.conf.update(broker_url=settings.CELERY_BROKER_URL)


def _lock(number: int) -> str:
    return f"tests:database:{number}"


def _claim(server: Redis) -> int:
    for number in _NUMBERS:
        if server.set(_lock(number), os.getpid(), nx=True):
            return number
        holder = server.get(_lock(number))
        if isinstance(holder, bytes) and not _is_alive(int(holder)):
            server.set(_lock(number), os.getpid())
            return number
    raise RuntimeError("all fifteen Redis databases are used by other test processes: wait for one to end")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _with_number(url: str, number: int) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        query = dict(parse_qsl(parts.query))
        return urlunsplit(parts._replace(query=urlencode({**query, "db": number})))
    return urlunsplit(parts._replace(path=f"/{number}"))
