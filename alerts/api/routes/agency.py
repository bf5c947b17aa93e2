"""Routes: the agency over all its clients."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
