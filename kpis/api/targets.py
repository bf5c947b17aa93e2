"""What a store is measured against, over HTTP: targets one by one, or a whole template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from connectors.selectors.stores import get_store
from kpis.api.queries import TargetsQuery
from kpis.api.serializers import (
    PlanSerializer,
    TargetInput,
    TargetListSerializer,
    TargetSerializer,
    TemplateInput,
)
from kpis.api.target_bodies import draft_of, plan_body, problem_body, target_body
from kpis.selectors.lines import text
from kpis.selectors.plans import direction_of, find_plan, find_target, get_target, list_targets
from kpis.services.targets import apply_template, set_target
from tenants.http import TenantView
from tenants.permissions import Capability


class TargetsView(TenantView):
    """The targets of a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": TargetsQuery}
    looks = "targets"

    @extend_schema(operation_id="list_targets", responses=TargetListSerializer, tags=["targets"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """List the targets in force on a day; the list is short and not paged."""
        store = get_store(store_id)
        on = self.query.get("on") or clock.today(store.time_zone)
        targets = list_targets(store_id, on)
        plan = find_plan(store_id, on)
        body = {
            "on": on,
            "plan": plan_body(plan) if plan else None,
            "weight_total": text(sum((target.weight for target in targets), start=targets[0].weight * 0))
            if targets
            else "0",
            "data": [target_body(target) for target in targets],
        }
        return self.ok(body)


class TargetDetailView(TenantView):
    """The target of one KPI of a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.KPI_READ,
        "PUT": Capability.TARGET_WRITE,
    }
    looks = "targets"

    @extend_schema(operation_id="get_target", responses=TargetSerializer, tags=["targets"])
    def get(self, request: Request, client: str, store_id: int, key: str) -> Response:
        """Show the target recorded last, whether it is in force already or only later."""
        get_store(store_id)
        target = get_target(store_id, key)
        return self.ok(target_body(target), etag=etag_of(target.version))

    @extend_schema(
        operation_id="set_target", request=TargetInput, responses=TargetSerializer, tags=["targets"]
    )
    def put(self, request: Request, client: str, store_id: int, key: str) -> Response:
        """Record a new target from a day on; If-Match carries the ETag of the present one, "0" for none.

        Former periods keep the target they had. The first target of a KPI freezes its baseline. Every error
        is told at once; what a person should know beside comes as `warnings`.
        """
        get_store(store_id)
        direction_of(key)
        present = find_target(store_id, key)
        version = present.version if present else 0
        require_if_match(request, version)
        values = self.body(TargetInput)
        done = set_target(store_id=store_id, kpi=key, draft=draft_of(values), version=version)
        warnings = [problem_body(problem, {key: ""}) for problem in done.warnings]
        return self.ok({**target_body(done.target), "warnings": warnings}, etag=etag_of(done.target.version))


class StoreTemplateView(TenantView):
    """The template that a store follows."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.TARGET_WRITE}

    @extend_schema(
        operation_id="apply_scorecard_template",
        request=TemplateInput,
        responses={201: PlanSerializer},
        tags=["targets"],
    )
    def post(self, request: Request, client: str, store_id: int) -> Response:
        """Take over a template's KPIs, targets and weights from a day on."""
        store = get_store(store_id)
        values = self.body(TemplateInput)
        plan = apply_template(
            store_id=store_id,
            template=values["template"],
            effective_on=values.get("effective_on") or clock.today(store.time_zone),
            owner=values["owner"],
            override_reason=values["override_reason"],
        )
        return self.created(plan_body(plan), f"{self.base_path}/stores/{store_id}/targets")
