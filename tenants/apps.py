"""The Django application of the tenancy core; importing its tasks is how Celery learns their names."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """People, clients, keys and exchange rates: the public schema."""

    name = "tenants"
    label = "tenants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the tasks in every process, so that a misspelt task name fails where it is enqueued."""
        import_module("tenants.tasks")
