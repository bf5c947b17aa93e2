"""`/metrics`: who may read it, and what it tells of queues, work and clients without visiting any client."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from redis import Redis

from config import gauges, health
from config.lib import clock
from tenants import measures
from tenants.context import use_public, use_tenant
from tenants.services.vitals import note_freshness, note_jobs
from tenants.tasking import system_task
from tenants.types import ClientRef

TOKEN = "t" * 40


@system_task(name="tests.measured", queue="compute")
def measured() -> None:
    """Do nothing, which takes no time."""


@system_task(name="tests.measured_failing", queue="compute")
def measured_failing() -> None:
    """Fail."""
    raise LookupError


def _scraped(client: Client, **headers: str) -> dict[str, float]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    found = re.findall(r"^([a-z_]+(?:\{[^}]*\})?) ([-+0-9.eInf]+)$", answer.content.decode(), re.MULTILINE)
    return {name: float(value) for name, value in found}


def test_without_the_token_nobody_reads(client: Client, settings: Settings) -> None:
    """It names the agency's clients. No database mark: a refused scrape asks nothing."""
    settings.METRICS_TOKEN = TOKEN
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
        answer = client.get("/metrics", headers=headers)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert "http_requests" not in answer.content.decode()


@pytest.mark.django_db
def test_the_holder_of_the_token_reads(client: Client, redis: Redis, settings: Settings) -> None:
    """As Prometheus sends it."""
    settings.METRICS_TOKEN = TOKEN
    assert _scraped(client, Authorization=f"Bearer {TOKEN}")['deployment_source_up{source="database"}'] == 1


def test_production_without_a_token_is_closed(client: Client, settings: Settings) -> None:
    """Forgetting to set one must not open it."""
    settings.METRICS_OPEN = False
    assert client.get("/metrics").status_code == 401


@pytest.mark.django_db
def test_queues_are_measured_where_the_broker_keeps_them(client: Client, redis: Redis) -> None:
    """By the very names under which Celery sends."""
    from celery import current_app

    measured_task = current_app.tasks["tests.measured"]
    for _ in range(3):
        measured_task.apply_async()
    seen = _scraped(client)
    assert seen['queue_messages{queue="compute"}'] == 3
    assert seen['queue_messages{queue="sync"}'] == 0
    assert seen["queue_messages_held"] == 0


@pytest.mark.django_db
def test_runs_of_tasks_are_counted_wherever_they_ran(client: Client, redis: Redis) -> None:
    """Outcomes, and durations in cumulative buckets, from counters that outlive the worker process."""
    from celery import current_app

    for _ in range(2):
        current_app.tasks["tests.measured"].apply(throw=True)
    with pytest.raises(LookupError):
        current_app.tasks["tests.measured_failing"].apply(throw=True)
    measures.count_job("tests.job", "retried")
    seen = _scraped(client)
    assert seen['task_runs_total{outcome="done",task="tests.measured"}'] == 2
    assert seen['task_runs_total{outcome="failed",task="tests.measured_failing"}'] == 1
    assert seen['task_seconds_bucket{le="+Inf",task="tests.measured"}'] == 2
    assert seen['task_seconds_bucket{le="1800.0",task="tests.measured"}'] == 2
    assert seen['task_seconds_count{task="tests.measured"}'] == 2
    assert seen['job_outcomes_total{kind="tests.job",outcome="retried"}'] == 1


def test_work_goes_on_when_nobody_can_count_it(redis: Redis, settings: Settings) -> None:
    """A broken Redis costs the counter, not the work."""
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    with measures.measured_run("tests.measured"):
        pass
    measures.count_job("tests.job", "failed")


@pytest.mark.django_db
def test_a_clients_data_ages_between_measurements(
    client: Client, redis: Redis, acme: ClientRef, globex: ClientRef
) -> None:
    """Ages grow from what was noted, so a worker that stopped measuring hides nothing."""
    now = clock.now()
    with use_tenant(acme):
        note_jobs()
        note_freshness(
            streams={"fresh": 3, "stale": 1},
            oldest_as_of=now - timedelta(hours=5),
            stale_at=now - timedelta(hours=1),
        )
    with use_tenant(globex):
        note_freshness(streams={"never": 2}, oldest_as_of=None, stale_at=None)
    seen = _scraped(client)
    assert seen['client_freshness_lag_seconds{client="acme"}'] == pytest.approx(5 * 3600, abs=60)
    assert seen['client_stale_seconds{client="acme"}'] == pytest.approx(3600, abs=60)
    assert seen['client_streams{client="acme",freshness="stale"}'] == 1
    assert seen['client_streams{client="globex",freshness="never"}'] == 2
    assert 'client_freshness_lag_seconds{client="globex"}' not in seen
    with clock.frozen(now + timedelta(hours=2)):
        later = _scraped(client)
    assert later['client_freshness_lag_seconds{client="acme"}'] == pytest.approx(7 * 3600, abs=60)
    assert later['client_measured_seconds{client="acme"}'] == pytest.approx(2 * 3600, abs=60)


@pytest.mark.django_db
def test_jobs_are_told_by_state_and_longest_wait(client: Client, redis: Redis, acme: ClientRef) -> None:
    """A job that runs is held; one that is due and not held waits for a worker."""
    job = (
        "insert into ledger_job (kind, key, payload, state, attempts, max_attempts, run_after, lease_token,"
        " progress, created_by_kind, created_by_label, request_id, created_at) values ('tests.job', %s, '{}',"
        " %s, 0, 8, clock_timestamp() - %s * interval '1 minute', 0, '{}', 'system', 'tests', '',"
        " clock_timestamp())"
    )
    with use_tenant(acme), connection.cursor() as cursor:
        rows = [("a", "running", 90), ("b", "queued", 10), ("c", "waiting", -5), ("d", "failed", 99)]
        cursor.executemany(job, rows)
        note_jobs()
    with use_public():
        note_jobs()
    seen = _scraped(client)
    states = {state: seen[f'client_jobs{{client="acme",state="{state}"}}'] for state in gauges.UNFINISHED}
    assert states == {"running": 1, "queued": 1, "waiting": 1}
    assert seen['client_oldest_job_seconds{client="acme"}'] == pytest.approx(600, abs=60)
    assert seen['client_oldest_job_seconds{client="_provider"}'] == 0


@pytest.mark.django_db
def test_a_scrape_costs_the_same_for_any_number_of_clients(
    client: Client, redis: Redis, acme: ClientRef, globex: ClientRef
) -> None:
    """Public tables only, in the public role, never a client's schema."""
    for ref in (acme, globex):
        with use_tenant(ref):
            note_jobs()
    with CaptureQueriesContext(connection) as queries:
        _scraped(client)
    asked = [query["sql"] for query in queries if "from" in query["sql"].lower()]
    assert len(asked) == 2
    assert not [each["sql"] for each in queries if f"_t_{acme.id}" in each["sql"]]


def test_a_scrape_without_redis_and_database_still_tells_of_its_process(
    client: Client, redis: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says what it could not ask."""

    def fail() -> None:
        raise OperationalError("connection to secret-host failed")

    settings.REDIS_URL = "unix:///nowhere/secret-host.sock"
    monkeypatch.setattr(health, "overdue_work", fail)
    seen = _scraped(client)
    assert seen['deployment_source_up{source="redis"}'] == 0
    assert seen['deployment_source_up{source="database"}'] == 0
    assert any(name.startswith("http_requests_total") for name in seen)


def test_a_client_meets_only_its_own_row(
    committed_db: None, acme: ClientRef, globex: ClientRef, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    """The public table is kept apart by row-level security."""
    for ref in (acme, globex):
        with use_tenant(ref):
            note_jobs()
    with use_tenant(acme), connection.cursor() as cursor:
        cursor.execute("select client_id from tenants_clientvitals")
        assert cursor.fetchall() == [(acme.id,)]
        cursor.execute("update tenants_clientvitals set jobs = '{}' where client_id = %s", [globex.id])
        assert cursor.rowcount == 0
