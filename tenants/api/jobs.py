"""The work that goes on for the caller: the agency's jobs and a client's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.errors import NotFound
from tenants.api.queries import JobQuery
from tenants.http import JobSerializer, PublicView, TenantView, job_body
from tenants.permissions import AgencyCapability, Capability
from tenants.selectors.jobs import get_job
from tenants.selectors.ledger import is_job_of_user, job_of, job_rows
from tenants.services.jobs import cancel_job
from tenants.types import JobView


class AgencyJobView(PublicView):
    """One job of the agency: shown to whoever started it and to the owners of the deployment."""

    capabilities: ClassVar[Mapping[str, AgencyCapability]] = {"GET": AgencyCapability.AGENCY_JOB_READ}

    @extend_schema(operation_id="get_agency_job", responses=JobSerializer, tags=["jobs"])
    def get(self, request: Request, job_id: int) -> Response:
        """Show how far a job of the agency is."""
        if not self.person.is_provider_owner and not is_job_of_user(job_id, self.person.id):
            raise NotFound("There is no such job.")
        return self.ok(job_body(_get(job_id)))


class ClientJobsView(TenantView):
    """The jobs of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.JOB_READ}

    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": JobQuery.of(JobSerializer)}

    @extend_schema(operation_id="list_jobs", responses=page_of(JobSerializer), tags=["jobs"])
    def get(self, request: Request, client: str) -> Response:
        """List the client's jobs, the newest first."""
        rows = job_rows(kind=self.query.get("kind", ""), state=self.query.get("state"))
        return self.page(rows, ordering=("-id",), shape=lambda row: job_body(job_of(row)))


class ClientJobView(TenantView):
    """One job of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.JOB_READ}

    @extend_schema(operation_id="get_job", responses=JobSerializer, tags=["jobs"])
    def get(self, request: Request, client: str, job_id: int) -> Response:
        """Show how far a job is."""
        return self.ok(job_body(_get(job_id)))


class ClientJobCancellationView(TenantView):
    """Stopping a job."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.JOB_WRITE}

    @extend_schema(operation_id="cancel_job", request=None, responses=JobSerializer, tags=["jobs"])
    def post(self, request: Request, client: str, job_id: int) -> Response:
        """Cancel a job that has not finished; what it has written so far stays."""
        _get(job_id)
        cancel_job(job_id)
        return self.ok(job_body(_get(job_id)))


def _get(job_id: int) -> JobView:
    return get_job(job_id)
