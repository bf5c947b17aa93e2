"""The product master of a client, over HTTP; many products come by the dataset `products`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from connectors.api.proof_forms import ProductInput, ProductSerializer, ProductsQuery
from connectors.selectors.products import attributes_of, get_product, products_query
from connectors.services.products import set_product
from tenants.http import TenantView
from tenants.permissions import Capability


class ProductsView(TenantView):
    """The product master."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ProductsQuery.of(ProductSerializer)}

    @extend_schema(operation_id="list_products", responses=page_of(ProductSerializer), tags=["products"])
    def get(self, request: Request, client: str) -> Response:
        """List products by SKU."""
        names = ("sku", "family", "role", "category", "brand")
        return self.page(
            products_query(**{name: self.query.get(name) for name in names}), ordering=("sku", "id")
        )


class ProductDetailView(TenantView):
    """One product."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.KPI_READ,
        "PUT": Capability.UPLOAD_WRITE,
    }

    @extend_schema(operation_id="get_product", responses=ProductSerializer, tags=["products"])
    def get(self, request: Request, client: str, sku: str) -> Response:
        """Show a product."""
        found = get_product(sku)
        return self.ok(found, etag=etag_of(found["version"]))

    @extend_schema(
        operation_id="set_product",
        request=ProductInput,
        responses=ProductSerializer,
        examples=[
            OpenApiExample(
                "A hero", value={"title": "Bottle 750 ml", "role": "hero", "brand": "Aqua"}, request_only=True
            )
        ],
        tags=["products"],
    )
    def put(self, request: Request, client: str, sku: str) -> Response:
        """Save a product; If-Match carries the ETag of the present one, "0" for none."""
        present = attributes_of([sku]).get(sku)
        version = present["version"] if present else 0
        require_if_match(request, version)
        saved = set_product(sku=sku, attributes=self.body(ProductInput), version=version)
        return self.ok(dict(saved), etag=etag_of(saved["version"]))
