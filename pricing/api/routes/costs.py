"""Routes: what a listing costs and keeps, and what-if."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
