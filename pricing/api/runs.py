"""Pricing runs over HTTP: ask for one, see how far it is and what it said of each listing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.money import Money
from pricing.api.boundary import bounded
from pricing.api.run_forms import (
    PricingRunAcceptedSerializer,
    PricingRunInput,
    PricingRunItemForm,
    PricingRunSerializer,
    RunItemQuery,
    RunQuery,
)
from pricing.selectors.runs import get_run, items_query, runs_query, shown_run
from pricing.services.runs import start_run
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.selectors.jobs import get_job
from tenants.serializers import job_body

TAGS = ["pricing: runs"]


class RunsView(TenantView):
    """Looking at many listings at once."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "POST": Capability.PRICE_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": RunQuery.of(PricingRunSerializer)}

    @extend_schema(operation_id="list_pricing_runs", responses=page_of(PricingRunSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the runs, the newest first."""
        rows = runs_query(store_id=self.query.get("store"), trigger=self.query.get("trigger"))
        return self.page(rows, shape=_shown)

    @extend_schema(
        operation_id="start_pricing_run",
        request=PricingRunInput,
        responses={202: PricingRunAcceptedSerializer},
        examples=[
            OpenApiExample("A whole store", value={"store_id": 1}, request_only=True),
            OpenApiExample("Two listings", value={"store_id": 1, "skus": ["A", "B"]}, request_only=True),
        ],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Look at listings anew: suggestions are opened, confirmed or replaced, and nothing else happens.

        It is done in the background; poll the run, or follow its events.
        """
        asked = self.body(PricingRunInput)
        run = start_run(store_id=asked["store_id"], skus=asked["skus"])
        body = bounded({"run": bounded(run), "job": job_body(get_job(run["job_id"]))})
        headers = {"Location": f"{self.base_path}/pricing-runs/{run['id']}", "Retry-After": "2"}
        return Response(body, status=202, headers=headers)


class RunDetailView(TenantView):
    """One run."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}

    @extend_schema(operation_id="get_pricing_run", responses=PricingRunSerializer, tags=TAGS)
    def get(self, request: Request, client: str, run_id: int) -> Response:
        """Show how far a run is; polling this always works."""
        return self.ok(bounded(get_run(run_id)))


class RunItemsView(TenantView):
    """What a run said, listing by listing."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": RunItemQuery.of(PricingRunItemForm)}

    @extend_schema(operation_id="list_pricing_run_items", responses=page_of(PricingRunItemForm), tags=TAGS)
    def get(self, request: Request, client: str, run_id: int) -> Response:
        """List what a run said of each listing, in the order of their SKUs.

        `outcome=refused` and `outcome=blocked` list what may not be suggested, `reason` those with a reason.
        """
        asked = self.query
        rows = items_query(
            run_id, outcome=asked.get("outcome"), code=asked.get("reason"), sku=asked.get("sku")
        )
        return self.page(rows, ordering=("id",), shape=_item)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return bounded(shown_run(row))


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in row.items() if name != "currency"}
    for name in ("current", "suggested"):
        amount = found.pop(f"{name}_amount")
        found[name] = None if amount is None else Money(amount, row["currency"])
    return bounded(found)
