"""The clients of the agency: the list, a new one, and the particulars of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from tenants.api.queries import ClientQuery
from tenants.api.serializers import ClientChange, ClientInput, ClientSerializer
from tenants.http import JobSerializer, PublicView, TenantView
from tenants.permissions import AgencyCapability, Capability
from tenants.selectors.clients import client_rows, get_client
from tenants.services.clients import create_client, update_client


class ClientsView(PublicView):
    """Every client the caller may know of; staff make new ones."""

    capabilities: ClassVar[Mapping[str, AgencyCapability]] = {
        "GET": AgencyCapability.CLIENT_LIST,
        "POST": AgencyCapability.CLIENT_CREATE,
    }

    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ClientQuery.of(ClientSerializer)}

    @extend_schema(operation_id="list_clients", responses=page_of(ClientSerializer), tags=["clients"])
    def get(self, request: Request) -> Response:
        """List the clients that the caller is a member of, or that the API key belongs to."""
        return self.page(client_rows(self.principal), ordering=self.query.get("sort") or ("id",))

    @extend_schema(
        operation_id="create_client",
        request=ClientInput,
        responses={202: JobSerializer},
        tags=["clients"],
    )
    def post(self, request: Request) -> Response:
        """Make a client. Its maker becomes its owner; it can be worked with once the job has succeeded."""
        values = self.body(ClientInput)
        _, job = create_client(**values, owner_id=self.person.id)
        return self.accepted(job)


class ClientView(TenantView):
    """The particulars of one client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.CLIENT_READ,
        "PATCH": Capability.CLIENT_WRITE,
    }
    looks = "client"

    @extend_schema(operation_id="get_client", responses=ClientSerializer, tags=["clients"])
    def get(self, request: Request, client: str) -> Response:
        """Show a client."""
        with self.in_public():
            shown = get_client(self.client.id)
        return self.ok(asdict(shown), etag=etag_of(shown.version))

    @extend_schema(
        operation_id="update_client",
        request=ClientChange,
        responses=ClientSerializer,
        tags=["clients"],
    )
    def patch(self, request: Request, client: str) -> Response:
        """Change a client's particulars; If-Match carries the ETag of what was read."""
        with self.in_public():
            version = get_client(self.client.id).version
        require_if_match(request, version)
        changed = update_client(version=version, changes=self.body(ClientChange, partial=True))
        return self.ok(asdict(changed), etag=etag_of(changed.version))
