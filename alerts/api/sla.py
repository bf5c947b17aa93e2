"""The clocks of the contract's promise that run at the client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.engine.sla import ClockState
from alerts.selectors.sla import ClockKind, list_clocks
from config.lib import clock
from config.lib.api.pagination import from_rows
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField, page_of
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.types import SlaClass

TAGS = ["alerts: contracts"]


class SlaClockSerializer(serializers.Serializer[Any]):
    """Something that waits for an answer."""

    kind = EnumField(ClockKind)
    subject_id = serializers.IntegerField(help_text="Id of the alert, or of the suggested price.")
    store_id = serializers.IntegerField(allow_null=True)
    sla_class = EnumField(SlaClass, help_text="By the contract when it began; urgent for a critical alert.")
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="Until when an answer is owed.")
    spent_hours = serializers.CharField(help_text="Of the promise's time: working hours for business.")
    state = EnumField(ClockState, help_text="near: a quarter of the time or less is left.")


class SlaClockQuery(PageQuery):
    """Which clocks."""

    kind = EnumField(ClockKind, required=False)
    state = EnumField(ClockState, required=False)


class SlaClocksView(TenantView):
    """What waits for an answer, and for how long it may."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": SlaClockQuery.of(SlaClockSerializer)}
    looks = "sla_clocks"

    @extend_schema(operation_id="list_sla_clocks", responses=page_of(SlaClockSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the running clocks on alerts and approvals, the first deadline first."""
        asked = self.query
        clocks = list_clocks(clock.now(), kind=asked.get("kind"))
        rows = [asdict(each) for each in clocks if asked.get("state") in (None, each.state)]
        return self.page(from_rows(rows), ordering=("due_at", "kind", "subject_id"), shape=shape)


def shape(row: Mapping[str, Any]) -> dict[str, Any]:
    """A clock as it is sent."""
    return {**row, "spent_hours": f"{row['spent_hours']:.2f}"}
