"""The Celery application: JSON only, three queues; it imports no app of the product.

Messages are hints: the durable truth of work is a row of the jobs table (see tenants.tasking).
"""

from __future__ import annotations

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun
from django.db import close_old_connections

from config import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

QUEUES = ("sync", "compute", "notify")


def route(
    name: str, args: object, kwargs: object, options: object, task: object = None, **_: object
) -> dict[str, str] | None:
    """The queue that the task's declaration names (tenants.tasking); Celery's own attribute is deprecated."""
    queue = getattr(task or app.tasks.get(name), "work_queue", None)
    return {"queue": queue} if queue else None


broker.install()
app = Celery("agency")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery would close the database connections around each task. They end as those of requests do instead: when
# they are too old or found broken. A new one costs a short task more than its work.
app.add_defaults(lambda: {"CELERY_DB_REUSE_MAX": sys.maxsize})


@setup_logging.connect
def _keep_logging(**_: Any) -> None:
    """Being connected is all: Celery then leaves the logging that Django's settings have set up alone."""


@task_prerun.connect
@task_postrun.connect
def _end_old_connections(task: Any = None, **_: Any) -> None:
    """Obey CONN_MAX_AGE and CONN_HEALTH_CHECKS; a task that runs within another leaves the caller's alone."""
    if not task.request.is_eager:
        close_old_connections()
