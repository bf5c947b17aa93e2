"""Routes: silences, duty rosters and the life of an alert."""

from __future__ import annotations

from django.urls import URLPattern, path

from alerts.api import alerts, rosters, silences

urlpatterns: list[URLPattern] = [
    path("alerts", alerts.AlertsView.as_view()),
    path("alerts/<int:alert_id>", alerts.AlertView.as_view()),
    path("alerts/<int:alert_id>/acknowledgement", alerts.AlertAcknowledgementView.as_view()),
    path("alerts/<int:alert_id>/resolution", alerts.AlertResolutionView.as_view()),
    path("alerts/<int:alert_id>/reset", alerts.AlertResetView.as_view()),
    path("silences", silences.SilencesView.as_view()),
    path("silences/<int:silence_id>", silences.SilenceView.as_view()),
    path("silences/<int:silence_id>/ending", silences.SilenceEndingView.as_view()),
    path("duty-roster", rosters.DutyRosterView.as_view()),
    path("duty-roster/on-duty", rosters.OnDutyView.as_view()),
    path("alert-attention", rosters.AttentionPreferenceView.as_view()),
]
