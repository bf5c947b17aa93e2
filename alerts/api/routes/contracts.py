"""Routes: contracts and their clocks."""

from __future__ import annotations

from django.urls import URLPattern, path

from alerts.api import sla

urlpatterns: list[URLPattern] = [path("sla-clocks", sla.SlaClocksView.as_view())]
