"""Routes: contracts and their clocks."""

from __future__ import annotations

from django.urls import URLPattern, path

from alerts.api import provider_scorecard, sla

urlpatterns: list[URLPattern] = [
    path("sla-clocks", sla.SlaClocksView.as_view()),
    path("provider-scorecard", provider_scorecard.ProviderScorecardView.as_view()),
    path("provider-scorecard/export", provider_scorecard.ProviderScorecardFileView.as_view()),
]
