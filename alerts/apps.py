"""The alerts app: registers its tasks when Django starts."""

from __future__ import annotations

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Alert rules, their life cycle and delivery, incidents; installed in every client's schema."""

    name = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the tasks known in every process."""
        from alerts import tasks  # noqa: F401
