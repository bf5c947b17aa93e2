"""Routes: channels, preferences and deliveries."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
