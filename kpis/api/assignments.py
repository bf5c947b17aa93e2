"""Who answers for which KPI, who took note of which target, and what to do when it is missed, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import problems
from config.lib.errors import NotFound
from connectors.selectors.stores import get_store
from kpis.api.owner_forms import (
    AcknowledgementListSerializer,
    AcknowledgementSerializer,
    AcknowledgementsQuery,
    AssignmentInput,
    AssignmentSerializer,
    OwnerListSerializer,
    OwnersQuery,
    RunbookInput,
    RunbookListSerializer,
    RunbookSerializer,
)
from kpis.selectors.acknowledgements import (
    AcknowledgementView,
    RunbookView,
    find_runbook,
    get_runbook,
    list_acknowledgements,
    list_runbooks,
)
from kpis.selectors.assignments import (
    AssignmentVersion,
    AssignmentView,
    list_assignment_versions,
    list_assignments,
)
from kpis.selectors.definitions import get_definition
from kpis.selectors.lines import text
from kpis.services.acknowledgements import acknowledge_target, save_runbook
from kpis.services.assignments import ShareDraft, assign_kpi, assign_position
from kpis.types import Position
from tenants.http import TenantView
from tenants.permissions import Capability

_SHARES = OpenApiExample(
    "Two people",
    value={
        "effective_on": "2026-12-01",
        "shares": [{"user": 7, "share": "60"}, {"user": 9, "share": "40"}],
    },
    request_only=True,
)


class OwnersView(TenantView):
    """Who answers for the KPIs of a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": OwnersQuery}

    @extend_schema(operation_id="list_kpi_owners", responses=OwnerListSerializer, tags=["owners"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """List who answers for every KPI on a day, by own assignment, position or default; not paged."""
        store = get_store(store_id)
        on = self.query.get("on") or clock.today(store.time_zone)
        return self.ok({"on": on, "data": [_owner(v) for v in list_assignments(on, store_ids=[store_id])]})


class KPIAssignmentView(TenantView):
    """How one KPI of a store is shared out."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.KPI_READ,
        "PUT": Capability.ASSIGNMENT_WRITE,
    }

    @extend_schema(operation_id="get_kpi_assignment", responses=AssignmentSerializer, tags=["owners"])
    def get(self, request: Request, client: str, store_id: int, key: str) -> Response:
        """Show every version of the KPI's own assignment, the latest first."""
        get_store(store_id)
        get_definition(key)
        return self._shown(store_id, key)

    @extend_schema(
        operation_id="assign_kpi",
        request=AssignmentInput,
        responses=AssignmentSerializer,
        examples=[_SHARES],
        tags=["owners"],
    )
    def put(self, request: Request, client: str, store_id: int, key: str) -> Response:
        """Share a KPI out from a day on, at most 100 %; If-Match carries the latest version, "0" for none.

        Earlier days keep who answered then.
        """
        get_store(store_id)
        get_definition(key)
        version = _version(list_assignment_versions(store_id, kpi=key))
        require_if_match(request, version)
        asked = self.body(AssignmentInput)
        assign_kpi(
            store_id=store_id,
            kpi=key,
            shares=_shares(asked),
            effective_on=asked["effective_on"],
            version=version,
        )
        return self._shown(store_id, key)

    def _shown(self, store_id: int, key: str) -> Response:
        versions = list_assignment_versions(store_id, kpi=key)
        body = {"store": store_id, "kpi": key, "position": None, "versions": [_told(v) for v in versions]}
        return self.ok(body, etag=etag_of(_version(versions)))


class PositionAssignmentView(TenantView):
    """Who holds a position at a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.KPI_READ,
        "PUT": Capability.ASSIGNMENT_WRITE,
    }

    @extend_schema(operation_id="get_position_assignment", responses=AssignmentSerializer, tags=["owners"])
    def get(self, request: Request, client: str, store_id: int, position: str) -> Response:
        """Show every version of who holds the position, the latest first."""
        get_store(store_id)
        return self._shown(store_id, _position(position))

    @extend_schema(
        operation_id="assign_position",
        request=AssignmentInput,
        responses=AssignmentSerializer,
        examples=[_SHARES],
        tags=["owners"],
    )
    def put(self, request: Request, client: str, store_id: int, position: str) -> Response:
        """Say who holds a position from a day on; its KPIs without an assignment of their own are theirs."""
        get_store(store_id)
        chosen = _position(position)
        version = _version(list_assignment_versions(store_id, position=chosen.value))
        require_if_match(request, version)
        asked = self.body(AssignmentInput)
        assign_position(
            store_id=store_id,
            position=chosen,
            shares=_shares(asked),
            effective_on=asked["effective_on"],
            version=version,
        )
        return self._shown(store_id, chosen)

    def _shown(self, store_id: int, position: Position) -> Response:
        versions = list_assignment_versions(store_id, position=position.value)
        body = {
            "store": store_id,
            "kpi": None,
            "position": position,
            "versions": [_told(v) for v in versions],
        }
        return self.ok(body, etag=etag_of(_version(versions)))


class AcknowledgementsView(TenantView):
    """Which targets of a store are live."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": AcknowledgementsQuery}

    @extend_schema(
        operation_id="list_acknowledgements", responses=AcknowledgementListSerializer, tags=["owners"]
    )
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """List the targets in force with who took note of them and who has not; not paged."""
        store = get_store(store_id)
        on = self.query.get("on") or clock.today(store.time_zone)
        live = self.query.get("live")
        found = [
            view for view in list_acknowledgements([store_id], on) if live is None or view.is_live == live
        ]
        return self.ok({"on": on, "data": [_noted(view) for view in found]})


class TargetAcknowledgementView(TenantView):
    """Taking note of a target."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.ACTION_WRITE}

    @extend_schema(
        operation_id="acknowledge_target",
        request=None,
        responses={201: AcknowledgementSerializer, **problems(403)},
        tags=["owners"],
    )
    def post(self, request: Request, client: str, store_id: int, key: str) -> Response:
        """Take note of the target in force, with its runbook; it is live when all its owners have.

        Only an owner can where owners are named, and only a person.
        """
        get_store(store_id)
        person = self.person
        view = acknowledge_target(
            store_id=store_id, kpi=key, user_id=person.id, person=person.name or person.email
        )
        return self.created(_noted(view), f"{self.base_path}/stores/{store_id}/acknowledgements")


class RunbooksView(TenantView):
    """The runbooks of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}

    @extend_schema(operation_id="list_runbooks", responses=RunbookListSerializer, tags=["owners"])
    def get(self, request: Request, client: str) -> Response:
        """List the runbook of every KPI that has one; the list is short and not paged."""
        return self.ok({"data": [_runbook(view) for view in list_runbooks()]})


class RunbookDetailView(TenantView):
    """What to do when a KPI misses its target."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.KPI_READ,
        "PUT": Capability.ACTION_WRITE,
    }

    @extend_schema(operation_id="get_runbook", responses=RunbookSerializer, tags=["owners"])
    def get(self, request: Request, client: str, key: str) -> Response:
        """Show the latest version."""
        view = get_runbook(key)
        return self.ok(_runbook(view), etag=etag_of(view.version))

    @extend_schema(
        operation_id="save_runbook", request=RunbookInput, responses=RunbookSerializer, tags=["owners"]
    )
    def put(self, request: Request, client: str, key: str) -> Response:
        """Record a new version; If-Match carries the ETag of the present one, "0" for none."""
        present = find_runbook(key)
        version = present.version if present else 0
        require_if_match(request, version)
        view = save_runbook(kpi=key, text=self.body(RunbookInput)["text"], version=version)
        return self.ok(_runbook(view), etag=etag_of(view.version))


def _position(key: str) -> Position:
    if key not in set(Position):
        raise NotFound(f"there is no position {key!r}", remedy=f"Known: {', '.join(Position)}.")
    return Position(key)


def _version(versions: Sequence[AssignmentVersion]) -> int:
    return versions[0].version if versions else 0


def _shares(asked: Mapping[str, Any]) -> list[ShareDraft]:
    return [ShareDraft(s.get("user"), s.get("position"), s["share"]) for s in asked["shares"]]


def _owner(view: AssignmentView) -> dict[str, Any]:
    return {
        "kpi": view.kpi,
        "user": view.user_id,
        "person": view.person,
        "position": view.position,
        "share": text(view.share),
        "effective_on": view.effective_on,
        "assigned_by": view.assigned_by,
    }


def _told(version: AssignmentVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "effective_on": version.effective_on,
        "shares": [
            {
                "user": share.user_id,
                "person": share.person,
                "position": share.position,
                "share": text(share.share),
            }
            for share in version.shares
        ],
        "recorded_at": version.recorded_at,
        "recorded_by": version.recorded_by,
    }


def _noted(view: AcknowledgementView) -> dict[str, Any]:
    return {
        "store": view.store_id,
        "kpi": view.kpi,
        "target_version": view.target_version,
        "is_live": view.is_live,
        "acknowledged_at": view.acknowledged_at,
        "acknowledged_by": list(view.acknowledged_by),
        "waiting_for": [owner.person or owner.position.value for owner in view.waiting_for],
        "runbook_version": view.runbook_version,
    }


def _runbook(view: RunbookView) -> dict[str, Any]:
    return {
        "kpi": view.kpi,
        "version": view.version,
        "text": view.text,
        "recorded_at": view.recorded_at,
        "recorded_by": view.recorded_by,
    }
