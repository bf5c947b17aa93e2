"""What was sold, line by line. A hot path: rows go from the table to JSON without models or serializers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from connectors.api.queries import OrderLineQuery
from connectors.api.serializers import OrderLineSerializer
from connectors.selectors.order_lines import order_lines_query, shape
from tenants.http import TenantView
from tenants.permissions import Capability

_LATEST_FIRST = ("-business_on", "-id")


class OrderLinesView(TenantView):
    """The order lines of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.FACT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": OrderLineQuery.of(OrderLineSerializer)}
    looks = "order_lines"

    @extend_schema(operation_id="list_order_lines", responses=page_of(OrderLineSerializer), tags=["facts"])
    def get(self, request: Request, client: str) -> Response:
        """List order lines, the latest shop day first unless `sort` says otherwise."""
        rows = order_lines_query(
            store_id=self.query.get("store"),
            sku=self.query.get("sku"),
            platform_order_id=self.query.get("order"),
            first=self.query.get("from"),
            last=self.query.get("to"),
            status=self.query.get("status"),
        )
        return self.page(rows, ordering=self.query.get("sort") or _LATEST_FIRST, shape=shape)
