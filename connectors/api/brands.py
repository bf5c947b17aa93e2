"""The brand of a store, over HTTP: scorecards can be read by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from connectors.selectors.stores import get_brand
from connectors.services.brands import set_brand
from tenants.http import TenantView
from tenants.permissions import Capability


class StoreBrandSerializer(serializers.Serializer[Any]):
    """The brand of a store."""

    brand = serializers.CharField(max_length=100, allow_blank=True, help_text="Empty where it has none.")


class StoreBrandView(TenantView):
    """The brand that a store sells under."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.CONNECTION_READ,
        "PUT": Capability.CONNECTION_WRITE,
    }

    @extend_schema(operation_id="get_store_brand", responses=StoreBrandSerializer, tags=["stores"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """Show the brand of a store."""
        return self._shown(get_brand(store_id))

    @extend_schema(
        operation_id="set_store_brand",
        request=StoreBrandSerializer,
        responses=StoreBrandSerializer,
        examples=[OpenApiExample("A brand", value={"brand": "Northwind"})],
        tags=["stores"],
    )
    def put(self, request: Request, client: str, store_id: int) -> Response:
        """Put a store to a brand, or to none; If-Match carries the ETag of the present one."""
        require_if_match(request, get_brand(store_id).encode())
        return self._shown(set_brand(store_id=store_id, brand=self.body(StoreBrandSerializer)["brand"]))

    def _shown(self, brand: str) -> Response:
        return self.ok({"brand": brand}, etag=etag_of(brand.encode()))
