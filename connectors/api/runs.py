"""What one run of a stream read and could not read, and every call that left us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import page_of
from connectors.api.queries import CallQuery
from connectors.api.serializers import OutboundCallSerializer, RejectedRowSerializer, SyncRunSerializer
from connectors.selectors.runs import calls_query, get_run, rejected_query
from tenants.http import TenantView
from tenants.permissions import Capability


class SyncRunView(TenantView):
    """One run."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.CONNECTION_READ}

    @extend_schema(operation_id="get_sync_run", responses=SyncRunSerializer, tags=["syncs"])
    def get(self, request: Request, client: str, run_id: int) -> Response:
        """Show what a run read, wrote, left unchanged and rejected."""
        return self.ok(asdict(get_run(run_id)))


class RejectedRowsView(TenantView):
    """The rows a run could not understand."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.FACT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PageQuery.of(RejectedRowSerializer)}
    looks = "rejected_rows"

    @extend_schema(
        operation_id="list_rejected_rows", responses=page_of(RejectedRowSerializer), tags=["syncs"]
    )
    def get(self, request: Request, client: str, run_id: int) -> Response:
        """List the rejected rows of a run in the order in which they stood."""
        return self.page(rejected_query(run_id=get_run(run_id).id), ordering=("id",))


class OutboundCallsView(TenantView):
    """The calls that left us for platforms."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.CONNECTION_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": CallQuery.of(OutboundCallSerializer)}

    @extend_schema(
        operation_id="list_outbound_calls", responses=page_of(OutboundCallSerializer), tags=["syncs"]
    )
    def get(self, request: Request, client: str) -> Response:
        """List the calls made with the client's credentials, the newest first: proof that we only read."""
        rows = calls_query(
            store_id=self.query.get("store"),
            connection_id=self.query.get("connection"),
            operation=self.query.get("operation"),
        )
        return self.page(rows)
