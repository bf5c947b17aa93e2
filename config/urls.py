"""Every route of the product: each app's under its prefix."""

from __future__ import annotations

from importlib import util

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/auth/", include("allauth.headless.urls")),
]
for prefix, module in (
    ("api/v1/", "tenants.api.urls"),
    ("api/v1/clients/<slug:client>/", "connectors.api.urls"),
    ("api/v1/clients/<slug:client>/", "kpis.api.urls"),
):
    if util.find_spec(module):
        urlpatterns.append(path(prefix, include(module)))
