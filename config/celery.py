"""The Celery application: JSON only, three queues; it imports no app of the product.

Messages are hints: the durable truth of work is a row of the jobs table (see tenants.tasking).
"""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

QUEUES = ("sync", "compute", "notify")

app = Celery("agency")
app.config_from_object("django.conf:settings", namespace="CELERY")
