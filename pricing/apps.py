"""The pricing app: registers its tasks when Django starts."""

from __future__ import annotations

from django.apps import AppConfig


class PricingConfig(AppConfig):
    """Floors, rules, recommendations and their approval; installed in every client's schema."""

    name = "pricing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the tasks known in every process."""
        from pricing import tasks  # noqa: F401
