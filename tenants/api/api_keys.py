"""The keys by which machines come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import page_of
from tenants.api.serializers import ApiKeyInput, ApiKeySerializer, NewApiKeySerializer, RotationInput
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.selectors.people import get_key, key_rows
from tenants.services.tokens import NewKey, create_key, revoke_key, rotate_key


class ApiKeysView(TenantView):
    """The keys of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.APIKEY_READ,
        "POST": Capability.APIKEY_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PageQuery.of(ApiKeySerializer)}
    looks = "api_keys"

    @extend_schema(operation_id="list_api_keys", responses=page_of(ApiKeySerializer), tags=["api keys"])
    def get(self, request: Request, client: str) -> Response:
        """List the client's keys, ended ones included, without their secrets."""
        with self.in_public():
            return self.page(key_rows(self.client.id), ordering=("-id",))

    @extend_schema(
        operation_id="create_api_key",
        request=ApiKeyInput,
        responses={201: NewApiKeySerializer},
        tags=["api keys"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Make a key. This answer is the only one that shows it."""
        values = self.body(ApiKeyInput)
        key = create_key(
            name=values["name"],
            scopes=values["scopes"],
            networks=values["networks"],
            expires_at=values["expires_at"],
            created_by_id=self.person.id,
            held=self.held,
        )
        return self.created(_shown_once(key), f"{self.base_path}/api-keys/{key.view.id}")


class ApiKeyDetailView(TenantView):
    """One key of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.APIKEY_READ,
        "DELETE": Capability.APIKEY_WRITE,
    }
    looks = "api_keys"

    @extend_schema(operation_id="get_api_key", responses=ApiKeySerializer, tags=["api keys"])
    def get(self, request: Request, client: str, key_id: int) -> Response:
        """Show a key without its secret."""
        with self.in_public():
            return self.ok(asdict(get_key(self.client.id, key_id)))

    @extend_schema(operation_id="revoke_api_key", responses={204: None}, tags=["api keys"])
    def delete(self, request: Request, client: str, key_id: int) -> Response:
        """Revoke a key, from the next request on. It stays in the list as revoked."""
        revoke_key(key_id=key_id)
        return Response(status=204)


class ApiKeyRotationView(TenantView):
    """Replacing a key without a gap."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.APIKEY_WRITE}

    @extend_schema(
        operation_id="rotate_api_key",
        request=RotationInput,
        responses={201: NewApiKeySerializer},
        tags=["api keys"],
    )
    def post(self, request: Request, client: str, key_id: int) -> Response:
        """Make a successor with the same rights; the old key ends after the overlap."""
        overlap = timedelta(hours=self.body(RotationInput)["overlap_hours"])
        key = rotate_key(key_id=key_id, overlap=overlap, created_by_id=self.person.id)
        return self.created(_shown_once(key), f"{self.base_path}/api-keys/{key.view.id}")


def _shown_once(key: NewKey) -> dict[str, Any]:
    return {**asdict(key.view), "key": key.secret.reveal()}
