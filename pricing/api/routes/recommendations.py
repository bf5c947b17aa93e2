"""Routes: runs and recommendations."""

from __future__ import annotations

from django.urls import URLPattern, path

from pricing.api import ads_or_price, events, recommendations, runs

urlpatterns: list[URLPattern] = [
    path("price-recommendations", recommendations.RecommendationsView.as_view()),
    path("price-recommendations/<int:recommendation_id>", recommendations.RecommendationDetailView.as_view()),
    path("pricing-runs", runs.RunsView.as_view()),
    path("pricing-runs/<int:run_id>", runs.RunDetailView.as_view()),
    path("pricing-runs/<int:run_id>/items", runs.RunItemsView.as_view()),
    path("pricing-runs/<int:run_id>/events", events.RunEventsView.as_view()),
    path("stores/<int:store_id>/listings/<str:sku>/ads-or-price", ads_or_price.AdsOrPriceView.as_view()),
]
