"""Django's registration of the alerts app."""

from __future__ import annotations

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Detection, life cycle and delivery of alerts; no tables yet."""

    name = "alerts"
    default_auto_field = "django.db.models.BigAutoField"
