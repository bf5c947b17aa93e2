"""The routes of alerts below /api/v1/clients/{client}/, subject by subject."""

from __future__ import annotations

from alerts.api.routes import channels, contracts, feed, health, incidents, rules, silences

urlpatterns = [
    *rules.urlpatterns,
    *silences.urlpatterns,
    *channels.urlpatterns,
    *incidents.urlpatterns,
    *health.urlpatterns,
    *contracts.urlpatterns,
    *feed.urlpatterns,
]
