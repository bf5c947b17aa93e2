"""Routes: proofs, the museum and price wars."""

from __future__ import annotations

from django.urls import URLPattern, path

from pricing.api import verification

urlpatterns: list[URLPattern] = [
    path("rule-verifications", verification.RuleVerificationView.as_view()),
    path("price-wars", verification.PriceWarsView.as_view()),
]
