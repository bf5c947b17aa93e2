"""The beat scheduler, with a pulse: the moment of its last tick is kept in Redis for `/readyz`."""

from __future__ import annotations

from typing import Any

from celery.beat import PersistentScheduler
from django.conf import settings
from redis import Redis

from config.lib import clock

PULSE_KEY = "beat:pulse"


class PulsingScheduler(PersistentScheduler):
    """Celery's own scheduler; it ticks every CELERY_BEAT_MAX_LOOP_INTERVAL seconds at the latest."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due, then show that this process lives."""
        pause: float = super().tick(*args, **kwargs)
        with Redis.from_url(settings.REDIS_URL) as redis:
            redis.set(PULSE_KEY, clock.now().isoformat())
        return pause
