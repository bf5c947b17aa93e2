"""Messages between the processes of the soak: kept in Redis, sent one to three times, taken in any order.

They stand in for Celery's transport, whose promise is weaker than the product needs in the same ways: hints
may come twice, late, out of order, or never.
"""

from __future__ import annotations

import json
import random
from typing import Any

from django.conf import settings
from redis import Redis

from tenants import messages

_KEY = "soak:hints"


class Hints:
    """The hints of one process; each has a connection and a randomness of its own."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._redis = Redis.from_url(settings.REDIS_URL)

    def install(self) -> None:
        """Send by these from now on what the product tells Celery."""
        messages._send = self.send

    def send(self, name: str, message: dict[str, Any], delay: float) -> None:
        """Put a hint in one to three times, at either end."""
        text = json.dumps([name, message])
        for _ in range(self._rng.choice((1, 1, 2, 3))):
            (self._redis.lpush if self._rng.random() < 0.5 else self._redis.rpush)(_KEY, text)

    def take(self) -> tuple[str, dict[str, Any]] | None:
        """Take a hint from either end; it is lost with whoever took it."""
        found = (self._redis.lpop if self._rng.random() < 0.5 else self._redis.rpop)(_KEY)
        if not isinstance(found, bytes):
            return None
        name, message = json.loads(found)
        return name, message


def flush() -> None:
    """Lose everything that Redis holds for this run."""
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.flushdb()
