"""Every route of the product: each app's under its prefix."""

from __future__ import annotations

from django.urls import include, path

from config import docs, health, metrics
from config.lib.api import problem

CLIENT = "api/v1/clients/<slug:client>/"

urlpatterns = [
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("problems", problem.problem_list),
    path("problems/<slug:code>", problem.problem_page),
    path("api/schema", docs.schema),
    path("api/docs", docs.swagger),
    path("api/redoc", docs.redoc),
    path("api/redoc.js", docs.redoc_script),
    path("api/auth/", include("allauth.headless.urls")),
    path("api/v1/", include("tenants.api.urls")),
    path(CLIENT, include("connectors.api.urls")),
    path(CLIENT, include("kpis.api.urls")),
    path(CLIENT, include("pricing.api.urls")),
    path("api/v1/", include("alerts.api.agency_urls")),
    path(CLIENT, include("alerts.api.urls")),
]

handler400 = "config.lib.api.problem.handler400"
handler403 = "config.lib.api.problem.handler403"
handler404 = "config.lib.api.problem.handler404"
handler500 = "config.lib.api.problem.handler500"
