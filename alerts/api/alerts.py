"""Alerts over HTTP: what is wrong, how it came about, and what people do about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.alert_forms import (
    AcknowledgementInput,
    AlertDetailSerializer,
    AlertQuery,
    AlertSerializer,
    ResetInput,
    ResolutionInput,
)
from alerts.selectors.alerts import alerts_query, explanation_path, get_alert
from alerts.services.acknowledge import acknowledge, reset, resolve_by_hand
from alerts.types import AlertState
from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["alerts: alerts"]
USUAL = timedelta(hours=24)

_FIGURES = ("observed", "limit")


def alert_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """An alert as it is shown in a list."""
    return {
        name: str(plain(each)) if name in _FIGURES and each is not None else each
        for name, each in row.items()
        if name not in ("rank", "is_current")
    }


def plain(figure: Decimal) -> Decimal:
    """A figure without the zeros its column pads it with, never in powers of ten."""
    trimmed = figure.normalize()
    return trimmed.quantize(Decimal(1)) if trimmed == trimmed.to_integral_value() else trimmed


class AlertsView(TenantView):
    """What is or was wrong."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": AlertQuery.of(AlertSerializer)}
    looks = "alerts"

    @extend_schema(operation_id="list_alerts", responses=page_of(AlertSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the alerts, the newest first unless sorted otherwise."""
        asked = self.query
        rows = alerts_query(
            states=[AlertState(each) for each in asked.get("state", ())],
            is_live=asked.get("live"),
            store_id=asked.get("store"),
            severity=asked.get("severity"),
            rule=asked.get("rule"),
            subject=asked.get("subject"),
        )
        return self.page(rows, ordering=asked.get("sort") or ("-id",), shape=alert_body)


class AlertView(TenantView):
    """One alert."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}
    looks = "alerts"

    @extend_schema(operation_id="get_alert", responses=AlertDetailSerializer, tags=TAGS)
    def get(self, request: Request, client: str, alert_id: int) -> Response:
        """Show an alert with every step of its life, what can be done with it and where to go from it."""
        return _shown(self, alert_id)


class AlertAcknowledgementView(TenantView):
    """Answering for an alert."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.ALERT_WRITE}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(
        operation_id="acknowledge_alert",
        request=AcknowledgementInput,
        responses=AlertDetailSerializer,
        examples=[
            OpenApiExample("Until tomorrow", value={"note": "Supplier called back."}, request_only=True)
        ],
        tags=TAGS,
    )
    def post(self, request: Request, client: str, alert_id: int) -> Response:
        """Say that somebody takes care: until then it is neither repeated nor escalated; it ends when the
        alert does. Afterwards it is told again if it still fires."""
        version = get_alert(alert_id)["version"]
        require_if_match(request, version)
        asked = self.body(AcknowledgementInput)
        until = asked["until"] or clock.now() + USUAL
        acknowledge(alert_id=alert_id, version=version, until=until, note=asked["note"])
        return _shown(self, alert_id)


class AlertResolutionView(TenantView):
    """Ending an alert by hand."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.ALERT_WRITE}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(
        operation_id="resolve_alert", request=ResolutionInput, responses=AlertDetailSerializer, tags=TAGS
    )
    def post(self, request: Request, client: str, alert_id: int) -> Response:
        """End an alert that no check ends; while it still breaches it is back after the flap hold."""
        version = get_alert(alert_id)["version"]
        require_if_match(request, version)
        resolve_by_hand(alert_id=alert_id, version=version, reason=self.body(ResolutionInput)["reason"])
        return _shown(self, alert_id)


class AlertResetView(TenantView):
    """Arming a once-alert again."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.ALERT_WRITE}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(operation_id="reset_alert", request=ResetInput, responses=AlertDetailSerializer, tags=TAGS)
    def post(self, request: Request, client: str, alert_id: int) -> Response:
        """Let an alert whose rule fires once fire again with the next breach."""
        version = get_alert(alert_id)["version"]
        require_if_match(request, version)
        reset(alert_id=alert_id, version=version, note=self.body(ResetInput)["note"])
        return _shown(self, alert_id)


def _shown(view: TenantView, alert_id: int) -> Response:
    row = get_alert(alert_id)
    explained = explanation_path(row)
    body = {
        **alert_body(row),
        "steps": [alert_body(step) for step in row["steps"]],
        "links": {
            "deliveries": f"{view.base_path}/deliveries?alert={alert_id}",
            "action": f"{view.base_path}/actions/{row['action_id']}" if row["action_id"] else None,
            "incident": f"{view.base_path}/incidents/{row['incident_id']}" if row["incident_id"] else None,
            "explanation": f"{view.base_path}/{explained}" if explained else None,
        },
    }
    return view.ok(body, etag=etag_of(row["version"]))
