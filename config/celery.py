"""The Celery application: JSON only, three queues; it imports no app of the product.

Messages are hints: the durable truth of work is a row of the jobs table (see tenants.tasking).
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

QUEUES = ("sync", "compute", "notify")

app = Celery("agency")
app.config_from_object("django.conf:settings", namespace="CELERY")


@setup_logging.connect
def _keep_logging(**_: Any) -> None:
    """Being connected is all: Celery then leaves the logging that Django's settings have set up alone."""
