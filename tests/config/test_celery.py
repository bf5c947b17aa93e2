"""What Celery is told about the database connections of its tasks."""

from __future__ import annotations

import time

import pytest
from celery import signals
from celery.fixups.django import DjangoWorkerFixup  # type: ignore[attr-defined]
from django.db import connection

from config.celery import app
from tenants.context import use_public

pytestmark = pytest.mark.django_db(transaction=True)


def backend() -> int:
    """The server process behind the connection."""
    with use_public(), connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return int(pid)


@pytest.fixture
def fixup() -> DjangoWorkerFixup:
    """What a worker installs for Django."""
    return DjangoWorkerFixup(app)


def run_task(fixup: DjangoWorkerFixup) -> int:
    """Pass what surrounds a task in a worker; returns the server process that the task works with."""
    task = app.tasks["tenants.dispatch_outbox"]
    signals.task_prerun.send(sender=task, task=task)
    fixup.on_task_prerun(sender=task)
    found = backend()
    fixup.on_task_postrun(sender=task)
    signals.task_postrun.send(sender=task, task=task)
    return found


def test_tasks_share_a_connection(fixup: DjangoWorkerFixup) -> None:
    """A new connection for each task costs a short one more than its work."""
    assert run_task(fixup) == run_task(fixup)


def test_a_connection_that_is_too_old_is_ended_between_tasks(fixup: DjangoWorkerFixup) -> None:
    """The server's caches of a backend grow with each client it meets."""
    first = run_task(fixup)
    connection.close_at = time.monotonic() - 1
    assert run_task(fixup) != first


def test_a_broken_connection_is_replaced_before_the_task(fixup: DjangoWorkerFixup) -> None:
    """A restart of the database between two tasks fails neither."""
    first = run_task(fixup)
    connection.connection.pgconn.finish()
    assert run_task(fixup) != first
