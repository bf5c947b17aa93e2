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
        _digest_listed_keys()


def _digest_listed_keys() -> None:
    """Have allauth's list of a person's sessions hold digests of their keys too, like tenants.models.Session.

    The app has no setting for its table. Its column keeps its type and length; only what is written changes.
    """
    from allauth.usersessions.models import UserSession

    from tenants.models.sessions import DigestField

    UserSession._meta.get_field("session_key").__class__ = DigestField
