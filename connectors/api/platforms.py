"""Which platforms can be connected, and what each delivers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.api.serializers import PlatformsSerializer
from connectors.selectors.platforms import list_platforms
from tenants.http import TenantView
from tenants.permissions import Capability


class PlatformsView(TenantView):
    """The capability matrix."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.CONNECTION_READ}

    @extend_schema(operation_id="list_platforms", responses=PlatformsSerializer, tags=["connections"])
    def get(self, request: Request, client: str) -> Response:
        """Tell per platform which fields a connection needs, where it sells and which streams it feeds."""
        platforms: list[dict[str, Any]] = list_platforms()
        return self.ok({"data": platforms})
