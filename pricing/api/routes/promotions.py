"""Routes: promotions, locks, clearance and price evidence."""

from __future__ import annotations

from django.urls import URLPattern, path

from pricing.api import clearance, locks, price_facts, promotions

urlpatterns: list[URLPattern] = [
    path("price-locks", locks.PriceLocksView.as_view()),
    path("price-locks/<int:lock_id>", locks.PriceLockDetailView.as_view()),
    path("price-locks/<int:lock_id>/release", locks.PriceLockReleaseView.as_view()),
    path("price-facts", price_facts.PriceFactsView.as_view()),
    path("price-facts/<int:fact_id>", price_facts.PriceFactDetailView.as_view()),
    path("price-facts/<int:fact_id>/withdraw", price_facts.PriceFactWithdrawalView.as_view()),
    path(
        "stores/<int:store_id>/listings/<str:sku>/effective-price", price_facts.EffectivePriceView.as_view()
    ),
    path("stores/<int:store_id>/listings/<str:sku>/price-evidence", price_facts.PriceEvidenceView.as_view()),
    path("promotions", promotions.PromotionsView.as_view()),
    path("promotions/check", promotions.PromotionCheckView.as_view()),
    path("promotions/<int:promotion_id>", promotions.PromotionDetailView.as_view()),
    path("promotions/<int:promotion_id>/cancel", promotions.PromotionCancellationView.as_view()),
    path("stores/<int:store_id>/promotion-calendar", promotions.PromotionCalendarView.as_view()),
    path("stores/<int:store_id>/clearance", clearance.ClearanceView.as_view()),
    path("stores/<int:store_id>/clearance:propose", clearance.ClearanceProposalView.as_view()),
]
