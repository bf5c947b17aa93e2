"""Routes: the work on alerts, incidents, diagnostics and the sampling queue."""

from __future__ import annotations

from django.urls import URLPattern, path

from alerts.api import diagnosis, incidents, sampling, work

_ONE = "incidents/<int:incident_id>"

urlpatterns: list[URLPattern] = [
    path("alerts/<int:alert_id>/action", work.AlertActionView.as_view()),
    path("incidents", incidents.IncidentsView.as_view()),
    path(_ONE, incidents.IncidentDetailView.as_view()),
    path(f"{_ONE}/alerts", incidents.IncidentAlertsView.as_view()),
    path(f"{_ONE}/freeze", incidents.IncidentFreezeView.as_view()),
    path(f"{_ONE}/evidence", incidents.IncidentEvidenceView.as_view()),
    path(f"{_ONE}/evidence/<int:evidence_id>", incidents.IncidentEvidenceFileView.as_view()),
    path(f"{_ONE}/diagnostics", incidents.IncidentDiagnosticsView.as_view()),
    path("diagnostics", diagnosis.DiagnosticsView.as_view()),
    path("alert-work", work.AlertWorkView.as_view()),
    path("alert-work/<int:work_id>", work.AlertWorkDetailView.as_view()),
    path("sampled-items", sampling.SampledItemsView.as_view()),
    path("sampled-items/<int:item_id>", sampling.SampledItemView.as_view()),
    path("sampled-items/<int:item_id>/answer", sampling.SampleAnswerView.as_view()),
    path("sampling-rates", sampling.SamplingRatesView.as_view()),
    path("sampling-settings", sampling.SamplingSettingsView.as_view()),
    path("sampling-settings/<slug:kind>", sampling.SamplingSettingView.as_view()),
]
