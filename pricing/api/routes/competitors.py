"""Routes: competitors, price bands and checks of a price."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
