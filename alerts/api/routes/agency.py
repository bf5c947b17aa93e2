"""Routes: the agency over all its clients."""

from __future__ import annotations

from django.urls import URLPattern, path

from alerts.api import portfolio

urlpatterns: list[URLPattern] = [
    path("portfolio", portfolio.PortfolioView.as_view()),
    path("portfolio/totals", portfolio.PortfolioTotalsView.as_view()),
]
