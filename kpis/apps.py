"""The KPI app: registers its tasks and its definition checks when Django starts."""

from __future__ import annotations

from django.apps import AppConfig


class KPIsConfig(AppConfig):
    """Measures, KPIs, targets and scorecards; installed in every client's schema."""

    name = "kpis"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the tasks known in every process and the catalogue's rules part of `manage.py check`."""
        from kpis import checks, tasks  # noqa: F401
