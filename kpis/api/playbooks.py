"""Playbooks and fallback plans over HTTP: what is known to help, and what waits for a person's yes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.pagination import paginate
from config.lib.api.query import QuerySerializer, pick
from config.lib.api.schema import page_of
from kpis.api.playbook_forms import (
    FallbackPlanSerializer,
    FallbackTriggerSerializer,
    PlanChange,
    PlanInput,
    PlanQuery,
    PlaybookChange,
    PlaybookInput,
    PlaybookQuery,
    PlaybookSerializer,
    TriggerDecision,
    TriggerQuery,
)
from kpis.engine.action_states import TriggerState
from kpis.selectors.lines import Row
from kpis.selectors.playbooks import (
    get_plan,
    get_playbook,
    get_trigger,
    plans_query,
    playbooks_query,
    success_rates,
    triggers_query,
)
from kpis.services.playbooks import (
    change_plan,
    change_playbook,
    create_plan,
    create_playbook,
    decide_trigger,
)
from tenants.http import TenantView
from tenants.permissions import Capability

_PLAYBOOK = {
    "kpi": "late_shipment_rate",
    "title": "Switch the carrier",
    "steps": "Book the second carrier for all parcels; tell the client.",
    "department": "warehouse",
    "direction": "down",
    "expected_size": "0.02",
}
_PLAN = {
    "store_id": 1,
    "kpi": "late_shipment_rate",
    "kind": "week",
    "periods": 2,
    "playbook_id": 1,
    "approver": "Li Na",
    "owner": "Sato Ken",
}


class PlaybooksView(TenantView):
    """Known ways to act."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ACTION_READ,
        "POST": Capability.ACTION_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PlaybookQuery.of(PlaybookSerializer)}

    @extend_schema(operation_id="list_playbooks", responses=page_of(PlaybookSerializer), tags=["playbooks"])
    def get(self, request: Request, client: str) -> Response:
        """List the playbooks in use with how often each worked, the newest first."""
        page = paginate(playbooks_query(kpi=self.query.get("kpi")), request)
        rates = success_rates([row["id"] for row in page.rows])
        rows = [{**row, "success": rates[row["id"]]} for row in page.rows]
        return page.response(request, [pick(row, self.query.get("fields")) for row in rows])

    @extend_schema(
        operation_id="create_playbook",
        request=PlaybookInput,
        responses={201: PlaybookSerializer},
        examples=[OpenApiExample("A carrier", value=_PLAYBOOK, request_only=True)],
        tags=["playbooks"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Add a way to act on a KPI."""
        row = create_playbook(self.body(PlaybookInput))
        return self.created(
            _with_success(row), f"{self.base_path}/playbooks/{row['id']}", etag=etag_of(row["version"])
        )


class PlaybookDetailView(TenantView):
    """One playbook."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ACTION_READ,
        "PATCH": Capability.ACTION_WRITE,
    }

    @extend_schema(operation_id="get_playbook", responses=PlaybookSerializer, tags=["playbooks"])
    def get(self, request: Request, client: str, playbook_id: int) -> Response:
        """Show a playbook, archived or not."""
        row = get_playbook(playbook_id)
        return self.ok(_with_success(row), etag=etag_of(row["version"]))

    @extend_schema(
        operation_id="change_playbook",
        request=PlaybookChange,
        responses=PlaybookSerializer,
        tags=["playbooks"],
    )
    def patch(self, request: Request, client: str, playbook_id: int) -> Response:
        """Change or archive a playbook; what followed it keeps counting for it."""
        version = get_playbook(playbook_id)["version"]
        require_if_match(request, version)
        values = self.body(PlaybookChange, partial=True)
        row = change_playbook(playbook_id=playbook_id, version=version, values=values)
        return self.ok(_with_success(row), etag=etag_of(row["version"]))


class FallbackPlansView(TenantView):
    """Plans for KPIs that stay bad."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ACTION_READ,
        "POST": Capability.REVIEW_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PlanQuery.of(FallbackPlanSerializer)}

    @extend_schema(
        operation_id="list_fallback_plans", responses=page_of(FallbackPlanSerializer), tags=["playbooks"]
    )
    def get(self, request: Request, client: str) -> Response:
        """List the fallback plans, the newest first."""
        return self.page(plans_query(store_id=self.query.get("store")), shape=dict)

    @extend_schema(
        operation_id="create_fallback_plan",
        request=PlanInput,
        responses={201: FallbackPlanSerializer},
        examples=[OpenApiExample("A second carrier", value=_PLAN, request_only=True)],
        tags=["playbooks"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Arm a plan: when the KPI was bad so many periods in a row, the approver is asked to follow it."""
        row = create_plan(self.body(PlanInput))
        return self.created(row, f"{self.base_path}/fallback-plans/{row['id']}", etag=etag_of(row["version"]))


class FallbackPlanDetailView(TenantView):
    """One fallback plan."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ACTION_READ,
        "PATCH": Capability.REVIEW_WRITE,
    }

    @extend_schema(operation_id="get_fallback_plan", responses=FallbackPlanSerializer, tags=["playbooks"])
    def get(self, request: Request, client: str, plan_id: int) -> Response:
        """Show a fallback plan."""
        return _shown(self, get_plan(plan_id))

    @extend_schema(
        operation_id="change_fallback_plan",
        request=PlanChange,
        responses=FallbackPlanSerializer,
        tags=["playbooks"],
    )
    def patch(self, request: Request, client: str, plan_id: int) -> Response:
        """Change, disarm or arm a plan."""
        version = get_plan(plan_id)["version"]
        require_if_match(request, version)
        values = self.body(PlanChange, partial=True)
        return _shown(self, change_plan(plan_id=plan_id, version=version, values=values))


class FallbackTriggersView(TenantView):
    """The log of plans whose condition was met."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ACTION_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {
        "GET": TriggerQuery.of(FallbackTriggerSerializer)
    }

    @extend_schema(
        operation_id="list_fallback_triggers",
        responses=page_of(FallbackTriggerSerializer),
        tags=["playbooks"],
    )
    def get(self, request: Request, client: str) -> Response:
        """List the plans whose condition was met, the newest first; one entry per run of bad periods."""
        return self.page(triggers_query(state=self.query.get("state")), shape=dict)


class FallbackTriggerDetailView(TenantView):
    """One such entry."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ACTION_READ,
        "PATCH": Capability.REVIEW_WRITE,
    }

    @extend_schema(
        operation_id="get_fallback_trigger", responses=FallbackTriggerSerializer, tags=["playbooks"]
    )
    def get(self, request: Request, client: str, trigger_id: int) -> Response:
        """Show an entry with the periods behind it."""
        return _shown(self, get_trigger(trigger_id))

    @extend_schema(
        operation_id="decide_fallback_trigger",
        request=TriggerDecision,
        responses=FallbackTriggerSerializer,
        examples=[
            OpenApiExample("Yes", value={"state": "approved", "due_on": "2026-11-27"}, request_only=True)
        ],
        tags=["playbooks"],
    )
    def patch(self, request: Request, client: str, trigger_id: int) -> Response:
        """Approve, which opens the playbook's action, or reject with a reason. Nothing happens before."""
        version = get_trigger(trigger_id)["version"]
        require_if_match(request, version)
        asked = self.body(TriggerDecision)
        row = decide_trigger(
            trigger_id=trigger_id,
            version=version,
            to=TriggerState(asked["state"]),
            reason=asked["reason"],
            due_on=asked["due_on"],
        )
        return _shown(self, row)


def _shown(view: TenantView, row: Row) -> Response:
    return view.ok(row, etag=etag_of(row["version"]))


def _with_success(row: Row) -> dict[str, Any]:
    return {**row, "success": success_rates([row["id"]])[row["id"]]}
