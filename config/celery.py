"""The Celery application: JSON only, three queues; it imports no app of the product.

Messages are hints: the durable truth of work is a row of the jobs table (see tenants.tasking).
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

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


@setup_logging.connect
def _keep_logging(**_: Any) -> None:
    """Being connected is all: Celery then leaves the logging that Django's settings have set up alone."""
