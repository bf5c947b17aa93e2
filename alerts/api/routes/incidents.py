"""Routes: incidents, diagnostics and sampling."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
