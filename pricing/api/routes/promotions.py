"""Routes: promotions, locks, clearance and price evidence."""

from __future__ import annotations

from django.urls import URLPattern, path

from pricing.api import locks

urlpatterns: list[URLPattern] = [
    path("price-locks", locks.PriceLocksView.as_view()),
    path("price-locks/<int:lock_id>", locks.PriceLockDetailView.as_view()),
    path("price-locks/<int:lock_id>/release", locks.PriceLockReleaseView.as_view()),
]
