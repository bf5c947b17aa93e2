"""Prometheus metrics: of the API's processes, merged when there are several, and of the whole deployment.

The deployment's part names clients (config.gauges), so only the holder of METRICS_TOKEN reads it. Without a
token `/metrics` is open on a machine for development and closed in production.
"""

from __future__ import annotations

import hmac
import os

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from config.gauges import DeploymentCollector
from config.lib.api.problem import problem_response
from config.lib.errors import Unauthenticated

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

REQUESTS = Counter("http_requests_total", "Requests answered.", ("method", "route", "status"))
SECONDS = Histogram(
    "http_request_seconds",
    "Time to answer, in seconds.",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request; labels come from small sets, so that no caller can make the series grow."""
    known = method if method in _METHODS else "other"
    REQUESTS.labels(known, route, str(status)).inc()
    SECONDS.labels(known, route).observe(seconds)


def metrics(request: HttpRequest) -> HttpResponse:
    """`/metrics` in the text format, for `Authorization: Bearer <METRICS_TOKEN>`; a 401 for others."""
    if not _may_read(request):
        return problem_response(Unauthenticated(headers={"WWW-Authenticate": 'Bearer realm="metrics"'}))
    processes: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        processes = CollectorRegistry()
        MultiProcessCollector(processes)  # type: ignore[no-untyped-call]
    deployment = CollectorRegistry()
    deployment.register(DeploymentCollector())
    text = generate_latest(processes) + generate_latest(deployment)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _may_read(request: HttpRequest) -> bool:
    token: str | None = settings.METRICS_TOKEN
    if token is None:
        return bool(settings.METRICS_OPEN)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
