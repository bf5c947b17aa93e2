"""Routes: competitors, price bands and checks of a price."""

from __future__ import annotations

from django.urls import URLPattern, path

from pricing.api import competitors, price_advice, price_checks

urlpatterns: list[URLPattern] = [
    path("sister-sellers", competitors.SisterSellersView.as_view()),
    path("sister-sellers/<int:sister_id>", competitors.SisterSellerDetailView.as_view()),
    path("price-sources", competitors.PriceSourcesView.as_view()),
    path("price-sources/<int:source_id>", competitors.PriceSourceDetailView.as_view()),
    path("competitor-offers", competitors.CompetitorOffersView.as_view()),
    path("price-bands", price_advice.PriceBandsView.as_view()),
    path("price-independence", price_advice.PriceIndependenceView.as_view()),
    path("price-advice:check", price_advice.PriceAdviceCheckView.as_view()),
    path("stores/<int:store_id>/listings/<str:sku>/rivals", price_advice.ListingRivalsView.as_view()),
    path("stores/<int:store_id>/listings/<str:sku>/buy-box", price_advice.ListingBuyBoxView.as_view()),
    path(
        "stores/<int:store_id>/listings/<str:sku>/price-checks",
        price_checks.ListingPriceChecksView.as_view(),
    ),
]
