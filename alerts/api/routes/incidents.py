"""Routes: the work on alerts, and diagnostics."""

from __future__ import annotations

from django.urls import URLPattern, path

from alerts.api import diagnosis, work

urlpatterns: list[URLPattern] = [
    path("alerts/<int:alert_id>/action", work.AlertActionView.as_view()),
    path("diagnostics", diagnosis.DiagnosticsView.as_view()),
    path("alert-work", work.AlertWorkView.as_view()),
    path("alert-work/<int:work_id>", work.AlertWorkDetailView.as_view()),
]
