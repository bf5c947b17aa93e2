"""Routes: alert rules, their trial on history, and alerts."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
