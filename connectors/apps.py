"""The Django application of the connectors; importing its tasks is how Celery learns their names."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """Credentials, syncs and facts of one client; installed in every client schema."""

    name = "connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the tasks in every process, so that a misspelt task name fails where it is enqueued."""
        import_module("connectors.tasks")
