"""Django's registration of the pricing app."""

from __future__ import annotations

from django.apps import AppConfig


class PricingConfig(AppConfig):
    """Floors, recommendations and their approval; no tables yet."""

    name = "pricing"
    default_auto_field = "django.db.models.BigAutoField"
