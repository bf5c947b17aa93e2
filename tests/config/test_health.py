"""`/livez`, `/readyz`, `/metrics`: what takes an instance out of service, what is only reported."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings
from redis import Redis

from config import health
from config.beat import PULSE_KEY
from config.lib import clock
from tenants.context import use_public


def test_livez_asks_nobody(client: Client) -> None:
    """No database mark: a query would fail this test."""
    assert client.get("/livez").json() == {"status": "ok"}


@pytest.mark.django_db
def test_all_is_well(client: Client, redis: Redis) -> None:
    """Database, Redis, a fresh pulse, no work overdue."""
    redis.set(PULSE_KEY, clock.now().isoformat())
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok", answer.json()


@pytest.mark.django_db
def test_a_silent_beat_is_reported_but_serves(client: Client, redis: Redis) -> None:
    """An API instance cannot mend the scheduler: it stays in service and says degraded."""
    redis.set(PULSE_KEY, (clock.now() - timedelta(minutes=5)).isoformat())
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["beat"]["status"] == "late"
    assert answer.json()["checks"]["beat"]["lag_seconds"] >= 300


@pytest.mark.django_db
def test_a_beat_never_seen_is_late(client: Client, redis: Redis) -> None:
    """No pulse at all is no good news."""
    assert client.get("/readyz").json()["checks"]["beat"] == {"status": "late", "lag_seconds": None}


@pytest.mark.django_db
def test_overdue_work_is_reported(client: Client, redis: Redis) -> None:
    """Work that fell due ten minutes ago is late; work of the future is not."""
    statement = (
        "insert into tenants_workdue (client_id, kind, due_at)"
        " values (%s, 'job', clock_timestamp() + %s * interval '1 minute')"
    )
    with use_public(), connection.cursor() as cursor:
        cursor.execute(statement, [901, 10])
    assert client.get("/readyz").json()["checks"]["work"]["status"] == "ok"
    with use_public(), connection.cursor() as cursor:
        cursor.execute(statement, [902, -10])
    work = client.get("/readyz").json()["checks"]["work"]
    assert work["status"] == "late"
    assert work["oldest_due_seconds"] >= 600


@pytest.mark.django_db
def test_without_redis_the_instance_is_out_of_service(
    client: Client, redis: Redis, settings: Settings
) -> None:
    """503, and no word of where Redis should be."""
    settings.REDIS_URL = "unix:///nowhere/secret-host.sock"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"] == {"status": "failed"}
    assert "secret-host" not in answer.content.decode()


def test_without_a_database_the_instance_is_out_of_service(
    client: Client, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503, and no word of what the database said."""

    def fail() -> None:
        raise OperationalError("connection to secret-host failed")

    monkeypatch.setattr(health, "use_public", fail)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert "secret-host" not in answer.content.decode()


@pytest.mark.django_db
def test_metrics_are_prometheus_text(client: Client, redis: Redis) -> None:
    """Requests by route, times in buckets."""
    client.get("/livez")
    answer = client.get("/metrics")
    assert answer["Content-Type"].startswith("text/plain")
    assert 'http_requests_total{method="GET",route="/livez",status="200"}' in answer.content.decode()
    assert "http_request_seconds_bucket" in answer.content.decode()
