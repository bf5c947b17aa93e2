"""What Prometheus learns of the whole deployment: queues, work, clients; the same from every process.

A scrape costs a few commands of Redis and two queries of public tables, however many clients there are. What
cannot be asked is left out, and `deployment_source_up` says so: a scrape never fails for a part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import accumulate

from django.conf import settings
from django.db import DatabaseError
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from redis import Redis
from redis.exceptions import RedisError

from config import health
from config.celery import QUEUES
from config.lib import clock
from config.lib.logging import get_logger
from tenants.measures import BOUNDS, Work, read_work
from tenants.selectors.vitals import list_vitals
from tenants.types import ClientVitalsView, JobState

UNFINISHED = (JobState.QUEUED, JobState.RUNNING, JobState.WAITING)

_log = get_logger(__name__)


class DeploymentCollector:
    """Asks Redis and the database when it is scraped."""

    def collect(self) -> Iterator[Metric]:
        """Every family, and which sources answered."""
        up = GaugeMetricFamily("deployment_source_up", "1 when the source could be asked.", labels=["source"])
        for source, ask in (("redis", _from_redis), ("database", _from_database)):
            families = _asked(ask)
            up.add_metric([source], int(families is not None))
            yield from families or ()
        yield up


def _asked(ask: Callable[[], Iterable[Metric]]) -> list[Metric] | None:
    try:
        return list(ask())
    except (RedisError, OSError, DatabaseError) as error:
        _log.warning("part of the metrics is missing", part=ask.__name__, error=type(error).__name__)
        return None


def _from_redis() -> Iterator[Metric]:
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    with Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as redis:
        with redis.pipeline(transaction=False) as pipe:
            for name in QUEUES:
                pipe.llen(f"{prefix}{name}")
            pipe.hlen(f"{prefix}unacked")
            *waiting, held = pipe.execute()
        work = read_work(redis)
    queues = GaugeMetricFamily("queue_messages", "Messages that wait for a worker.", labels=["queue"])
    for name, number in zip(QUEUES, waiting, strict=True):
        queues.add_metric([name], number)
    yield queues
    yield GaugeMetricFamily("queue_messages_held", "Messages that workers hold and have not finished.", held)
    lag = health.beat_lag()
    if lag is not None:
        yield GaugeMetricFamily("beat_lag_seconds", "Since the scheduler's last tick.", lag)
    yield from _work(work)


def _work(work: Work) -> Iterator[Metric]:
    runs = CounterMetricFamily("task_runs", "Tasks that workers ran.", labels=["task", "outcome"])
    for (task, outcome), number in sorted(work.runs.items()):
        runs.add_metric([task, outcome], number)
    yield runs
    jobs = CounterMetricFamily("job_outcomes", "How holds of jobs ended.", labels=["kind", "outcome"])
    for (kind, outcome), number in sorted(work.jobs.items()):
        jobs.add_metric([kind, outcome], number)
    yield jobs
    seconds = HistogramMetricFamily("task_seconds", "How long tasks ran.", labels=["task"])
    bounds = [*(str(float(bound)) for bound in BOUNDS), "+Inf"]
    for task, durations in sorted(work.durations.items()):
        buckets = list(zip(bounds, accumulate(durations.buckets), strict=True))
        seconds.add_metric([task], buckets=buckets, sum_value=durations.seconds)
    yield seconds


def _from_database() -> Iterator[Metric]:
    overdue = health.overdue_work()
    yield GaugeMetricFamily("work_overdue_seconds", "Since the oldest due work fell due.", overdue)
    yield from _clients(list_vitals(), clock.now())


def _clients(vitals: list[ClientVitalsView], now: datetime) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("client_jobs", "Unfinished jobs.", labels=["client", "state"])
    streams = GaugeMetricFamily("client_streams", "Streams of active stores.", labels=["client", "freshness"])
    ages = {
        "oldest_due_at": _age("client_oldest_job_seconds", "How long the job due first waits for a worker."),
        "oldest_as_of": _age("client_freshness_lag_seconds", "Age of the stream that is furthest behind."),
        "stale_at": _age("client_stale_seconds", "How far the worst stream is beyond its limit; 0: none is."),
        "measured_at": _age("client_measured_seconds", "Since the numbers of this client were taken."),
    }
    for each in vitals:
        for state in UNFINISHED:
            jobs.add_metric([each.client, state], each.jobs.get(state, 0))
        for freshness, number in sorted(each.streams.items()):
            streams.add_metric([each.client, freshness], number)
        for name, family in ages.items():
            since: datetime | None = getattr(each, name)
            if since is not None:
                family.add_metric([each.client], max(0.0, (now - since).total_seconds()))
            elif name == "oldest_due_at":
                family.add_metric([each.client], 0)
    yield from (jobs, streams, *ages.values())


def _age(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=["client"])
