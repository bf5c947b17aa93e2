"""What a store's platform demands, and what the store has to work with, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.errors import NotFound
from connectors.selectors.stores import get_store
from kpis.api.owner_forms import OwnersQuery, PolicyListSerializer, ResourcesInput, ResourcesSerializer
from kpis.engine.plan_rules import Resources, Support
from kpis.selectors.lines import text
from kpis.selectors.policies import list_store_policies
from kpis.selectors.resources import ResourcesView, find_resources
from kpis.services.resources import record_resources
from tenants.http import TenantView
from tenants.permissions import Capability


class StorePoliciesView(TenantView):
    """The demands of a store's platform."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": OwnersQuery}
    looks = "policies"

    @extend_schema(operation_id="list_store_policies", responses=PolicyListSerializer, tags=["policies"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """List every limit in force with the store's value over each of its windows and the distance.

        The list is short and not paged. A limit may be one that the reference doubts: see its confidence.
        """
        store = get_store(store_id)
        on = self.query.get("on") or clock.today(store.time_zone)
        return self.ok({"on": on, "data": list_store_policies(store, on)})


class StoreResourcesView(TenantView):
    """What a store has to work with."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.KPI_READ,
        "PUT": Capability.TARGET_WRITE,
    }

    @extend_schema(operation_id="get_store_resources", responses=ResourcesSerializer, tags=["policies"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """Show what was recorded last."""
        get_store(store_id)
        found = find_resources(store_id)
        if found is None:
            raise NotFound(f"nothing is recorded of store {store_id}'s resources")
        return self._shown(found)

    @extend_schema(
        operation_id="record_store_resources",
        request=ResourcesInput,
        responses=ResourcesSerializer,
        examples=[
            OpenApiExample(
                "A warehouse in Japan",
                value={
                    "model": "overseas_wh",
                    "warehouses": ["CN", "JP"],
                    "support": [{"language": "ja", "hours_per_week": "45", "agents": 2}],
                    "ad_budget_per_month": "600000",
                },
                request_only=True,
            )
        ],
        tags=["policies"],
    )
    def put(self, request: Request, client: str, store_id: int) -> Response:
        """Record warehouses, support and advertising money; targets are held against them from now on.

        If-Match carries the ETag of the present version, "0" for none.
        """
        get_store(store_id)
        present = find_resources(store_id)
        version = present.version if present else 0
        require_if_match(request, version)
        asked = self.body(ResourcesInput)
        resources = Resources(
            asked["model"],
            frozenset(asked["warehouses"]),
            tuple(Support(s["language"], s["hours_per_week"], s["agents"]) for s in asked["support"]),
            asked.get("ad_budget_per_month"),
        )
        view = record_resources(store_id=store_id, resources=resources, note=asked["note"], version=version)
        return self._shown(view)

    def _shown(self, view: ResourcesView) -> Response:
        resources = view.resources
        body: dict[str, Any] = {
            "store": view.store_id,
            "version": view.version,
            "model": resources.model,
            "warehouses": sorted(resources.warehouses),
            "support": [
                {"language": s.language, "hours_per_week": text(s.hours_per_week), "agents": s.agents}
                for s in resources.support
            ],
            "ad_budget_per_month": text(resources.ad_budget_per_month),
            "note": view.note,
            "recorded_at": view.recorded_at,
            "recorded_by": view.recorded_by,
        }
        return self.ok(body, etag=etag_of(view.version))
