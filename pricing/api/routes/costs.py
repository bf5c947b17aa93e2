"""Routes: what a listing costs and keeps, and what-if."""

from __future__ import annotations

from django.urls import URLPattern, path

from pricing.api import profiles, simulations

_STORE = "stores/<int:store_id>"

urlpatterns: list[URLPattern] = [
    path(f"{_STORE}/listing-profiles", profiles.ProfilesView.as_view()),
    path(f"{_STORE}/listing-profiles:batch", profiles.ProfileBatchView.as_view()),
    path(f"{_STORE}/listing-profiles/<str:sku>", profiles.ProfileDetailView.as_view()),
    path(f"{_STORE}/pricing-policies", profiles.PoliciesView.as_view()),
    path(f"{_STORE}/pricing-policies/<str:tier>", profiles.PolicyDetailView.as_view()),
    path(f"{_STORE}/listings", simulations.ListingsView.as_view()),
    path(f"{_STORE}/listings/<str:sku>/contribution", simulations.ContributionView.as_view()),
    path(f"{_STORE}/simulations", simulations.SimulationsView.as_view()),
]
