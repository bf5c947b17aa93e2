"""The routes of alerts below /api/v1/ that concern no single client."""

from __future__ import annotations

from alerts.api.routes import agency

urlpatterns = [*agency.urlpatterns]
