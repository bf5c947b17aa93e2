"""The beat scheduler, with a pulse: the moment of its last tick is kept in Redis for `/readyz`."""

from __future__ import annotations

from typing import Any

from celery.beat import PersistentScheduler
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from config.lib import clock
from config.lib.logging import get_logger

_log = get_logger(__name__)

PULSE_KEY = "beat:pulse"


class PulsingScheduler(PersistentScheduler):
    """Celery's own scheduler; it ticks every CELERY_BEAT_MAX_LOOP_INTERVAL seconds at the latest."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due, then show that this process lives; an outage of Redis is not the end of it."""
        pause: float = super().tick(*args, **kwargs)
        try:
            with Redis.from_url(settings.REDIS_URL) as redis:
                redis.set(PULSE_KEY, clock.now().isoformat())
        except (RedisError, OSError) as error:
            _log.warning("beat pulse failed", error=type(error).__name__)
        return pause
