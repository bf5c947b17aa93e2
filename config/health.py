"""Is the process alive, and is what it needs there? `/livez` and `/readyz`, for orchestrators and people.

Only the database and Redis take an instance out of service. A silent beat or overdue work is everybody's
trouble, not this instance's: it is reported as degraded, with 200. Answers name no host and no error text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis import Redis
from redis.exceptions import RedisError

from config.beat import PULSE_KEY
from config.lib import clock
from config.lib.logging import get_logger
from tenants.context import use_public

BEAT_LATE_SECONDS = 60
WORK_LATE_SECONDS = 300

_log = get_logger(__name__)
_OLDEST_DUE = """
select coalesce(extract(epoch from clock_timestamp() - min(due_at)), 0)::float
from tenants_workdue where due_at <= clock_timestamp()
"""


def livez(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """What this instance needs: 503 without database or Redis; else 200, "degraded" when work is late."""
    checks = {
        "database": _guarded(_database, DatabaseError),
        "redis": _guarded(_redis, RedisError, OSError),
        "beat": _guarded(_beat, RedisError, OSError),
        "work": _guarded(_work, DatabaseError),
    }
    is_ready = checks["database"]["status"] == checks["redis"]["status"] == "ok"
    is_well = all(check["status"] == "ok" for check in checks.values())
    status = "unavailable" if not is_ready else "ok" if is_well else "degraded"
    return JsonResponse({"status": status, "checks": checks}, status=200 if is_ready else 503)


def _guarded(check: Callable[[], dict[str, Any]], *errors: type[Exception]) -> dict[str, Any]:
    try:
        return check()
    except errors as error:
        _log.warning("health check failed", check=check.__name__, error=type(error).__name__)
        return {"status": "failed"}


def _database() -> dict[str, Any]:
    with use_public(), connection.cursor() as cursor:
        cursor.execute("select 1")
    return {"status": "ok"}


def _redis() -> dict[str, Any]:
    with _client() as redis:
        redis.ping()
    return {"status": "ok"}


def beat_lag() -> float | None:
    """Seconds since the scheduler's last tick; None when none was ever seen. Raises what Redis raises."""
    with _client() as redis:
        pulse = redis.get(PULSE_KEY)
    if not isinstance(pulse, bytes):
        return None
    return (clock.now() - datetime.fromisoformat(pulse.decode())).total_seconds()


def overdue_work() -> float:
    """Seconds since the oldest unfinished work fell due; 0 when nothing waits."""
    with use_public(), connection.cursor() as cursor:
        cursor.execute(_OLDEST_DUE)
        age: float = cursor.fetchone()[0]
    return age


def _beat() -> dict[str, Any]:
    lag = beat_lag()
    if lag is None:
        return {"status": "late", "lag_seconds": None}
    return {"status": "ok" if lag <= BEAT_LATE_SECONDS else "late", "lag_seconds": round(lag, 1)}


def _work() -> dict[str, Any]:
    age = overdue_work()
    return {"status": "ok" if age <= WORK_LATE_SECONDS else "late", "oldest_due_seconds": round(age, 1)}


def _client() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
