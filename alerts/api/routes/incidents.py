"""Routes: the work on alerts."""

from __future__ import annotations

from django.urls import URLPattern, path

from alerts.api import work

urlpatterns: list[URLPattern] = [
    path("alerts/<int:alert_id>/action", work.AlertActionView.as_view()),
    path("alert-work", work.AlertWorkView.as_view()),
    path("alert-work/<int:work_id>", work.AlertWorkDetailView.as_view()),
]
