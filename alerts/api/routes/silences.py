"""Routes: silences, duty rosters and the life of an alert."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
