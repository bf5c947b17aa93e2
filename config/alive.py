"""`python -m config.alive`: exit 0 while beat has ticked within the last minute (its container's health)."""

from __future__ import annotations

import sys
from datetime import datetime

import django
from django.conf import settings
from redis import Redis

from config.beat import PULSE_KEY
from config.health import BEAT_LATE_SECONDS
from config.lib import clock


def main() -> int:
    """0 when the pulse is fresh, 1 when it is old or was never seen."""
    django.setup()
    with Redis.from_url(settings.REDIS_URL, socket_timeout=2) as redis:
        pulse = redis.get(PULSE_KEY)
    if not isinstance(pulse, bytes):
        return 1
    return int((clock.now() - datetime.fromisoformat(pulse.decode())).total_seconds() > BEAT_LATE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
