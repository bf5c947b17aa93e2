"""Routes: the live feed."""

from __future__ import annotations

from django.urls import URLPattern, path

from alerts.api import feed

urlpatterns: list[URLPattern] = [
    path("feed", feed.FeedView.as_view()),
    path("feed/events", feed.FeedEventsView.as_view()),
]
