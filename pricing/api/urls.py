"""The routes of pricing below /api/v1/clients/{client}/, subject by subject."""

from __future__ import annotations

from pricing.api.routes import (
    approvals,
    competitors,
    costs,
    experiments,
    fees,
    promotions,
    recommendations,
    rules,
    verification,
)

urlpatterns = [
    *costs.urlpatterns,
    *fees.urlpatterns,
    *rules.urlpatterns,
    *competitors.urlpatterns,
    *recommendations.urlpatterns,
    *approvals.urlpatterns,
    *promotions.urlpatterns,
    *experiments.urlpatterns,
    *verification.urlpatterns,
]
