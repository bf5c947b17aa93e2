"""Does the scheduler show that it lives, and outlive a Redis that does not?"""

from __future__ import annotations

from pathlib import Path

import pytest
from celery.beat import PersistentScheduler
from django.conf import settings
from redis import Redis

from config.beat import PULSE_KEY, PulsingScheduler
from config.celery import app


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> PulsingScheduler:
    """A scheduler that has nothing to send, and would rest five seconds."""
    monkeypatch.setattr(PersistentScheduler, "tick", lambda self: 5.0)
    return PulsingScheduler(app, lazy=True)


def test_a_tick_is_seen(scheduler: PulsingScheduler, redis: Redis) -> None:
    """`/readyz` reads the pulse."""
    assert scheduler.tick() == 5.0
    assert redis.exists(PULSE_KEY)


def test_a_tick_without_redis_is_only_not_seen(
    scheduler: PulsingScheduler, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Celery's scheduler tries again after an outage; the pulse must not end it before."""
    monkeypatch.setattr(settings, "REDIS_URL", f"unix://{tmp_path}/nobody-listens")
    assert scheduler.tick() == 5.0
