"""The work on alerts over HTTP: an action opened for an alert, and whether the figure recovered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.work_forms import AlertActionInput, AlertWorkQuery, AlertWorkSerializer
from alerts.selectors.work import get_work, work_query
from alerts.services.work import open_work
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["alerts: work"]


class AlertActionView(TenantView):
    """Doing something about an alert."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.ALERT_WRITE}

    @extend_schema(
        operation_id="open_alert_action",
        request=AlertActionInput,
        responses={200: AlertWorkSerializer, 201: AlertWorkSerializer},
        tags=TAGS,
    )
    def post(self, request: Request, client: str, alert_id: int) -> Response:
        """Open the alert's action: owner from the assignments, day from the contract. 200 if one is open."""
        asked = self.body(AlertActionInput)
        row, is_new = open_work(alert_id=alert_id, kpi=asked["kpi"], title=asked["title"])
        if is_new:
            return self.created(row, f"{self.base_path}/alert-work/{row['id']}")
        return self.ok(row)


class AlertWorkView(TenantView):
    """What is done about alerts."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": AlertWorkQuery.of(AlertWorkSerializer)}

    @extend_schema(operation_id="list_alert_work", responses=page_of(AlertWorkSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the actions opened for alerts, the newest first, with the figures before and after."""
        return self.page(
            work_query(state=self.query.get("state"), store_id=self.query.get("store")), shape=dict
        )


class AlertWorkDetailView(TenantView):
    """One piece of work."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}

    @extend_schema(operation_id="get_alert_work", responses=AlertWorkSerializer, tags=TAGS)
    def get(self, request: Request, client: str, work_id: int) -> Response:
        """Show the work on an alert."""
        return self.ok(get_work(work_id))
