"""Routes: proofs, the museum and price wars."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
