"""A store's stage, and the changes of its plan that a stage or a newer template proposes, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import problems
from connectors.selectors.stores import get_store
from kpis.api.target_bodies import proposal_body, stage_body
from kpis.api.target_forms import (
    AcceptanceInput,
    ProposalListSerializer,
    ProposalSerializer,
    RejectionInput,
    StageChangeSerializer,
    StageInput,
    StoreStageSerializer,
    TemplateDiffQuery,
    TemplateDiffSerializer,
)
from kpis.selectors.stages import (
    get_proposal,
    latest_stage_version,
    list_proposals,
    list_stages,
    stage_of,
    suggest_stage,
)
from kpis.selectors.template_diff import compare_template
from kpis.services.stages import accept_proposal, propose_upgrade, reject_proposal, set_stage
from tenants.http import TenantView
from tenants.permissions import Capability


class StoreStageView(TenantView):
    """The stage of a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.KPI_READ,
        "PUT": Capability.TARGET_WRITE,
    }

    @extend_schema(operation_id="get_store_stage", responses=StoreStageSerializer, tags=["stages"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """Show the stage of today, every stage before, and the one that age and reviews suggest."""
        store = get_store(store_id)
        today = clock.today(store.time_zone)
        suggested = suggest_stage(store, today)
        body = {
            "stage": stage_of(store_id, today),
            "suggested": {
                "stage": suggested.stage,
                "first_sale_on": suggested.first_sale_on,
                "age_days": suggested.age_days,
                "reviews": suggested.reviews,
                "reason": suggested.reason,
            },
            "history": [stage_body(view) for view in list_stages(store_id)],
        }
        return self.ok(body, etag=etag_of(latest_stage_version(store_id)))

    @extend_schema(
        operation_id="set_store_stage",
        request=StageInput,
        responses=StageChangeSerializer,
        examples=[
            OpenApiExample(
                "Grown up",
                value={"stage": "mature", "effective_on": "2026-12-01", "reason": "300 days, 410 reviews"},
                request_only=True,
            )
        ],
        tags=["stages"],
    )
    def put(self, request: Request, client: str, store_id: int) -> Response:
        """Set the stage from a day on; what it would change of the plan becomes a proposal.

        If-Match carries the ETag of the stage, "0" where none was set.
        """
        store = get_store(store_id)
        version = latest_stage_version(store_id)
        require_if_match(request, version)
        asked = self.body(StageInput)
        change = set_stage(
            store_id=store_id,
            stage=asked["stage"],
            effective_on=asked.get("effective_on") or clock.today(store.time_zone),
            reason=asked["reason"],
            version=version,
        )
        body = {
            "stage": stage_body(change.stage),
            "proposal": proposal_body(change.proposal) if change.proposal else None,
        }
        return self.ok(body, etag=etag_of(change.stage.version))


class TemplateDiffView(TenantView):
    """A plan beside its template."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": TemplateDiffQuery}

    @extend_schema(operation_id="compare_store_template", responses=TemplateDiffSerializer, tags=["stages"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """Show where the plan comes from, whether that is outdated, and how it differs from a template."""
        store = get_store(store_id)
        asked = self.query
        on = asked.get("on") or clock.today(store.time_zone)
        return self.ok(compare_template(store, on, asked.get("template", "")))


class TemplateUpgradeView(TenantView):
    """Moving to a newer version of the template."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.TARGET_WRITE}

    @extend_schema(
        operation_id="propose_template_upgrade",
        request=None,
        responses={201: ProposalSerializer, **problems(409, 422)},
        tags=["stages"],
    )
    def post(self, request: Request, client: str, store_id: int) -> Response:
        """Propose what the newer version of the store's template changes; a person decides."""
        view = propose_upgrade(store_id=store_id)
        location = f"{self.base_path}/stores/{store_id}/proposals/{view.id}"
        return self.created(proposal_body(view), location, etag=etag_of(view.version))


class ProposalsView(TenantView):
    """The proposals for a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}

    @extend_schema(operation_id="list_plan_proposals", responses=ProposalListSerializer, tags=["stages"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """List every proposal, the latest first; the list is short and not paged."""
        get_store(store_id)
        return self.ok({"data": [proposal_body(view) for view in list_proposals(store_id)]})


class ProposalView(TenantView):
    """One proposal."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}

    @extend_schema(operation_id="get_plan_proposal", responses=ProposalSerializer, tags=["stages"])
    def get(self, request: Request, client: str, store_id: int, proposal_id: int) -> Response:
        """Show what is proposed line by line, and what became of it."""
        view = get_proposal(store_id, proposal_id)
        return self.ok(proposal_body(view), etag=etag_of(view.version))


class ProposalAcceptanceView(TenantView):
    """Taking a proposal over."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.TARGET_WRITE}

    @extend_schema(
        operation_id="accept_plan_proposal",
        request=AcceptanceInput,
        responses={201: ProposalSerializer, **problems(409, 422)},
        tags=["stages"],
    )
    def post(self, request: Request, client: str, store_id: int, proposal_id: int) -> Response:
        """Change the plan as proposed, with a reason; the first decision counts."""
        asked: dict[str, Any] = self.body(AcceptanceInput)
        view = accept_proposal(
            store_id=store_id,
            proposal_id=proposal_id,
            reason=asked["reason"],
            effective_on=asked.get("effective_on"),
        )
        location = f"{self.base_path}/stores/{store_id}/proposals/{proposal_id}"
        return self.created(proposal_body(view), location, etag=etag_of(view.version))


class ProposalRejectionView(TenantView):
    """Leaving a plan as it is."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.TARGET_WRITE}

    @extend_schema(
        operation_id="reject_plan_proposal",
        request=RejectionInput,
        responses={201: ProposalSerializer, **problems(409)},
        tags=["stages"],
    )
    def post(self, request: Request, client: str, store_id: int, proposal_id: int) -> Response:
        """Reject a proposal with a reason; the plan stays, the first decision counts."""
        asked = self.body(RejectionInput)
        view = reject_proposal(store_id=store_id, proposal_id=proposal_id, reason=asked["reason"])
        location = f"{self.base_path}/stores/{store_id}/proposals/{proposal_id}"
        return self.created(proposal_body(view), location, etag=etag_of(view.version))
