"""Routes: approval, halts and outcomes."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
