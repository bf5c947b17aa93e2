"""Incidents over HTTP: reported, evidenced, diagnosed in one call, frozen and resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.incident_forms import (
    EvidenceUploadQuery,
    IncidentAlertsInput,
    IncidentChange,
    IncidentDetailSerializer,
    IncidentFreezeInput,
    IncidentInput,
    IncidentQuery,
    IncidentSerializer,
)
from alerts.engine.incidents import EvidenceKind
from alerts.selectors.incidents import get_incident, incidents_query, read_evidence
from alerts.services.incidents import (
    IncidentDraft,
    add_evidence,
    attach_alerts,
    freeze_incident,
    make_diagnostics,
    open_incident,
    step_incident,
)
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.errors import Denied
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["alerts: incidents"]
#: What a bundle shows, each by a right of its own.
_BUNDLED = (Capability.FACT_READ, Capability.KPI_READ, Capability.PRICE_READ, Capability.CONNECTION_READ)


class EvidenceParser(BaseParser):
    """Hands a file on as the bytes it came in; its first bytes tell what it is."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return the body."""
        return bytes(stream.read())


class IncidentsView(TenantView):
    """What went wrong with tools and data."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.INCIDENT_READ,
        "POST": Capability.INCIDENT_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": IncidentQuery.of(IncidentSerializer)}
    looks = "incidents"

    @extend_schema(operation_id="list_incidents", responses=page_of(IncidentSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the incidents, the newest first."""
        rows = incidents_query(state=self.query.get("state"), store_id=self.query.get("store"))
        return self.page(rows, shape=dict)

    @extend_schema(
        operation_id="open_incident",
        request=IncidentInput,
        responses={201: IncidentDetailSerializer},
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Report an incident; `is_frozen` also halts pricing, for which price:halt is needed."""
        asked = self.body(IncidentInput)
        if asked["is_frozen"]:
            _may_freeze(self)
        row = open_incident(IncidentDraft(**asked))
        return self.created(row, f"{self.base_path}/incidents/{row['id']}", etag=etag_of(row["version"]))


class IncidentDetailView(TenantView):
    """One incident."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.INCIDENT_READ,
        "PATCH": Capability.INCIDENT_WRITE,
    }
    looks = "incidents"

    @extend_schema(operation_id="get_incident", responses=IncidentDetailSerializer, tags=TAGS)
    def get(self, request: Request, client: str, incident_id: int) -> Response:
        """Show an incident with its evidence, alerts and timeline."""
        return _shown(self, get_incident(incident_id))

    @extend_schema(
        operation_id="step_incident", request=IncidentChange, responses=IncidentDetailSerializer, tags=TAGS
    )
    def patch(self, request: Request, client: str, incident_id: int) -> Response:
        """Take an incident into work, or resolve it with its cause; a halt stays until somebody lifts it."""
        version = _version(self, incident_id)
        asked = self.body(IncidentChange)
        row = step_incident(incident_id=incident_id, version=version, to=asked["state"], note=asked["note"])
        return _shown(self, row)


class IncidentAlertsView(TenantView):
    """Which alerts belong together."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.INCIDENT_WRITE}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(
        operation_id="attach_incident_alerts",
        request=IncidentAlertsInput,
        responses=IncidentDetailSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, incident_id: int) -> Response:
        """Attach alerts to an incident."""
        version = _version(self, incident_id)
        ids = self.body(IncidentAlertsInput)["alert_ids"]
        return _shown(self, attach_alerts(incident_id=incident_id, version=version, alert_ids=ids))


class IncidentFreezeView(TenantView):
    """Stopping what would do harm meanwhile."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_HALT}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(
        operation_id="freeze_incident",
        request=IncidentFreezeInput,
        responses=IncidentDetailSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, incident_id: int) -> Response:
        """Halt pricing for an incident; it is lifted at price-halts/{id}/resumption."""
        version = _version(self, incident_id)
        reason = self.body(IncidentFreezeInput)["reason"]
        return _shown(self, freeze_incident(incident_id=incident_id, version=version, reason=reason))


class IncidentEvidenceView(TenantView):
    """Handing evidence in."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.INCIDENT_WRITE}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"POST": EvidenceUploadQuery}
    parser_classes = (EvidenceParser,)

    @extend_schema(
        operation_id="add_incident_evidence",
        request={"application/octet-stream": {"type": "string", "format": "binary"}},
        responses={200: IncidentDetailSerializer, 201: IncidentDetailSerializer},
        tags=TAGS,
    )
    def post(self, request: Request, client: str, incident_id: int) -> Response:
        """Keep a screenshot, PDF or text (at most 8 MB) sealed with its SHA-256; 200 if it is there."""
        body = cast(bytes, request.data or b"")
        name, taken_at = self.query["name"], self.query["taken_at"]
        return _kept(self, *add_evidence(incident_id=incident_id, name=name, taken_at=taken_at, body=body))


class IncidentDiagnosticsView(TenantView):
    """Everything our records hold, in one call."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.INCIDENT_WRITE}

    @extend_schema(
        operation_id="make_incident_diagnostics",
        request=None,
        responses={200: IncidentDetailSerializer, 201: IncidentDetailSerializer},
        tags=TAGS,
    )
    def post(self, request: Request, client: str, incident_id: int) -> Response:
        """Add calls, runs, streams, changes, KPIs with rows and price log of the incident's time to its
        evidence, as one JSON file; redacted, hashed by part. Needs the rights to read all of it."""
        get_incident(incident_id)
        _may_read_bundle(self)
        return _kept(self, *make_diagnostics(incident_id=incident_id))


class IncidentEvidenceFileView(TenantView):
    """A file of an incident."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.INCIDENT_READ}
    looks = "incident_evidence"

    @extend_schema(
        operation_id="get_incident_evidence",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        tags=TAGS,
    )
    def get(self, request: Request, client: str, incident_id: int, evidence_id: int) -> HttpResponse:
        """Return the file byte for byte, as a download that no browser shows or runs."""
        body, file = read_evidence(incident_id, evidence_id)
        if file["kind"] == EvidenceKind.DIAGNOSTICS.value:
            _may_read_bundle(self)
        return HttpResponse(
            body,
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="evidence-{evidence_id}"',
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "sandbox",
            },
        )


def _may_freeze(view: TenantView) -> None:
    if not view.can(Capability.PRICE_HALT):
        raise Denied(f"A freeze needs the capability {Capability.PRICE_HALT}.")


def _may_read_bundle(view: TenantView) -> None:
    for needed in _BUNDLED:
        if not view.can(needed):
            raise Denied(f"Diagnostics also need the capability {needed}.")


def _version(view: TenantView, incident_id: int) -> int:
    version: int = get_incident(incident_id)["version"]
    require_if_match(view.request, version)
    return version


def _shown(view: TenantView, row: Mapping[str, Any]) -> Response:
    return view.ok(row, etag=etag_of(row["version"]))


def _kept(view: TenantView, row: Mapping[str, Any], is_new: bool) -> Response:
    response = _shown(view, row)
    response.status_code = 201 if is_new else 200
    return response
