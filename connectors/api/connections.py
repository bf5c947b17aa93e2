"""The client's authorisations at platforms, their credentials, and the stores behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import page_of
from config.lib.redact import Secret
from connectors.api.forms import ConnectionChange, ConnectionInput, CredentialInput, StoreInput
from connectors.api.serializers import ConnectionSerializer, StoreSerializer
from connectors.api.stores import store_body
from connectors.selectors.connections import connections_query, get_connection, to_view
from connectors.selectors.freshness import get_store_view
from connectors.services.connections import (
    attach_advertising,
    attach_store,
    create_connection,
    update_connection,
)
from connectors.services.credentials import rotate_credential
from connectors.values import ConnectionView
from tenants.http import TenantView
from tenants.permissions import Capability

_EXAMPLE = OpenApiExample(
    "Amazon North America",
    request_only=True,
    value={
        "platform": "amazon_sp",
        "name": "Amazon North America",
        "account": {"seller_id": "A2EUQ1WTGCTBG2"},
        "credential": {"client_id": "…", "client_secret": "…", "refresh_token": "…"},
    },
)


class ConnectionsView(TenantView):
    """The authorisations of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.CONNECTION_READ,
        "POST": Capability.CONNECTION_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PageQuery.of(ConnectionSerializer)}
    looks = "connections"

    @extend_schema(
        operation_id="list_connections", responses=page_of(ConnectionSerializer), tags=["connections"]
    )
    def get(self, request: Request, client: str) -> Response:
        """List the client's connections, the newest first, without their credentials."""
        return self.page(connections_query(), shape=lambda row: connection_body(to_view(dict(row))))

    @extend_schema(
        operation_id="create_connection",
        request=ConnectionInput,
        responses={201: ConnectionSerializer},
        examples=[_EXAMPLE],
        tags=["connections"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Store an authorisation. Its credential is sealed at once and never shown again."""
        values = self.body(ConnectionInput)
        connection = create_connection(
            platform=values["platform"],
            name=values["name"],
            account=values["account"],
            credential=_sealed(values["credential"]),
        )
        return self.created(
            connection_body(connection),
            f"{self.base_path}/connections/{connection.id}",
            etag=etag_of(connection.version),
        )


class ConnectionDetailView(TenantView):
    """One authorisation."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.CONNECTION_READ,
        "PATCH": Capability.CONNECTION_WRITE,
    }
    looks = "connections"

    @extend_schema(operation_id="get_connection", responses=ConnectionSerializer, tags=["connections"])
    def get(self, request: Request, client: str, connection_id: int) -> Response:
        """Show a connection, without its credential."""
        return self._shown(get_connection(connection_id))

    @extend_schema(
        operation_id="change_connection",
        request=ConnectionChange,
        responses=ConnectionSerializer,
        tags=["connections"],
    )
    def patch(self, request: Request, client: str, connection_id: int) -> Response:
        """Rename a connection, take it out of service or bring it back."""
        connection = get_connection(connection_id)
        require_if_match(request, connection.version)
        values = self.body(ConnectionChange, partial=True)
        return self._shown(
            update_connection(
                connection_id=connection_id,
                version=connection.version,
                name=values.get("name"),
                state=values.get("state"),
            )
        )

    def _shown(self, connection: ConnectionView) -> Response:
        return self.ok(connection_body(connection), etag=etag_of(connection.version))


class CredentialRotationView(TenantView):
    """A new credential for an authorisation."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.CONNECTION_WRITE}

    @extend_schema(
        operation_id="rotate_credential",
        request=CredentialInput,
        responses=ConnectionSerializer,
        tags=["connections"],
    )
    def post(self, request: Request, client: str, connection_id: int) -> Response:
        """Replace the stored credential; a connection that needed attention is active again."""
        credential = _sealed(self.body(CredentialInput)["credential"])
        connection = rotate_credential(connection_id=connection_id, credential=credential)
        return self.ok(connection_body(connection), etag=etag_of(connection.version))


class ConnectionStoresView(TenantView):
    """The stores of an authorisation."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.CONNECTION_WRITE}

    @extend_schema(
        operation_id="attach_store", request=StoreInput, responses={201: StoreSerializer}, tags=["stores"]
    )
    def post(self, request: Request, client: str, connection_id: int) -> Response:
        """Follow a shop of this connection, or let this advertising connection feed a store."""
        values = self.body(StoreInput)
        if "store_id" in values:
            store = attach_advertising(connection_id=connection_id, store_id=values["store_id"])
        else:
            store = attach_store(
                connection_id=connection_id,
                marketplace_id=values["marketplace_id"],
                name=values["name"],
                backfill_days=values["backfill_days"],
            )
        return self.created(store_body(get_store_view(store.id)), f"{self.base_path}/stores/{store.id}")


def connection_body(connection: ConnectionView) -> dict[str, Any]:
    """The JSON body of a connection."""
    return asdict(connection)


def _sealed(credential: Mapping[str, str]) -> dict[str, Secret]:
    return {name: Secret(value) for name, value in credential.items()}
