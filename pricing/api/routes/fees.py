"""Routes: fee, tax and duty parameters, their overrides and what changed."""

from __future__ import annotations

from django.urls import URLPattern, path

from pricing.api import fee_changes, fees

urlpatterns: list[URLPattern] = [
    path("fee-parameters", fees.FeeParametersView.as_view()),
    path("fee-parameters/<str:key>", fees.FeeParameterDetailView.as_view()),
    path("fee-quotes", fees.FeeQuotesView.as_view()),
    path("fee-overrides", fees.FeeOverridesView.as_view()),
    path("fee-overrides/<str:key>", fees.FeeOverrideDetailView.as_view()),
    path("fee-divergences", fee_changes.FeeDivergencesView.as_view()),
    path("fee-changes:preview", fee_changes.FeeChangesPreviewView.as_view()),
    path("fee-changes:propose", fee_changes.FeeChangesProposeView.as_view()),
    path("fx-changes:preview", fee_changes.FXChangesPreviewView.as_view()),
    path("fx-changes:propose", fee_changes.FXChangesProposeView.as_view()),
    path("margin-at-risk", fee_changes.MarginAtRiskView.as_view()),
]
