"""Routes: fee, tax and duty parameters, their overrides and what changed."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
