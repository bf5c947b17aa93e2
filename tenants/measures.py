"""What background work costs and how it ends: counters in Redis, shared by every worker of every machine.

Worker processes come and go, so none of them can be asked for its counters; the API's `/metrics` reads these.
A counter that cannot be kept is lost: work is never slowed down or failed for being measured.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

import redis
from django.conf import settings

from config.lib.logging import get_logger

#: Upper bounds of the duration's buckets, in seconds.
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
DONE, FAILED = "done", "failed"

_KEY = "metrics:work"
_log = get_logger(__name__)


@dataclass(slots=True)
class Durations:
    """How long the runs of one task took: how many in each bucket (the last has no bound), and the sum."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0


@dataclass(slots=True)
class Work:
    """All counters since Redis was last emptied: runs by task and outcome, jobs by kind and outcome."""

    runs: dict[tuple[str, str], int] = field(default_factory=dict)
    jobs: dict[tuple[str, str], int] = field(default_factory=dict)
    durations: dict[str, Durations] = field(default_factory=dict)


@contextmanager
def measured_run(task: str) -> Iterator[None]:
    """Count the block as one run of the task, done or failed, and how long it took."""
    began = time.perf_counter()
    outcome = FAILED
    try:
        yield
        outcome = DONE
    finally:
        seconds = time.perf_counter() - began
        bucket = bisect_left(BOUNDS, seconds)
        _add(
            {
                f"run|{task}|{outcome}": 1,
                f"in|{task}|{bucket}": 1,
                # Whole milliseconds: adding floats up for months loses them.
                f"ms|{task}|": round(seconds * 1000),
            }
        )


def count_job(kind: str, outcome: str) -> None:
    """Count a job that ended, or was put off, in this way."""
    _add({f"job|{kind}|{outcome}": 1})


def read_work(client: redis.Redis) -> Work:
    """All counters, by one call."""
    work = Work()
    # The client answers bytes; its type knows that it may be told to answer text.
    found = cast(dict[bytes, bytes], client.hgetall(_KEY))
    for name, value in found.items():
        what, task, detail = name.decode().split("|")
        number = int(value)
        if what == "run":
            work.runs[task, detail] = number
        elif what == "job":
            work.jobs[task, detail] = number
        elif what == "ms":
            work.durations.setdefault(task, Durations()).seconds = number / 1000
        elif int(detail) <= len(BOUNDS):
            work.durations.setdefault(task, Durations()).buckets[int(detail)] = number
    return work


def _add(numbers: Mapping[str, int]) -> None:
    try:
        with _redis(settings.REDIS_URL).pipeline(transaction=False) as pipe:
            for name, number in numbers.items():
                pipe.hincrby(_KEY, name, number)
            pipe.execute()
    except (redis.RedisError, OSError) as error:
        _log.warning("work was not counted", error=type(error).__name__)


@lru_cache(maxsize=4)
def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
