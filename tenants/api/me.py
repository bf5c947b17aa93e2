"""Who the caller is and which agency this is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.serializers import MeSerializer, ProviderSerializer
from tenants.http import PublicView
from tenants.permissions import AgencyCapability
from tenants.principals import Person
from tenants.selectors.clients import get_provider, list_standings


class MeView(PublicView):
    """The caller and what they may do where."""

    capabilities: ClassVar[Mapping[str, AgencyCapability]] = {"GET": AgencyCapability.SELF_READ}

    @extend_schema(operation_id="get_me", responses=MeSerializer, tags=["people"])
    def get(self, request: Request) -> Response:
        """Tell who is calling: a person or an API key, and the clients it may work for."""
        caller = self.principal
        person = caller if isinstance(caller, Person) else None
        return self.ok(
            {
                "kind": caller.actor.kind,
                "id": caller.id,
                "name": caller.name,
                "email": person.email if person else None,
                "locale": person.locale if person else None,
                "time_zone": person.time_zone if person else None,
                "is_staff_member": caller.is_staff_member,
                "capabilities": sorted(caller.agency_capabilities),
                "clients": [_standing(each) for each in list_standings(caller)],
            }
        )


class ProviderView(PublicView):
    """The agency that runs this deployment."""

    capabilities: ClassVar[Mapping[str, AgencyCapability]] = {"GET": AgencyCapability.PROVIDER_READ}

    @extend_schema(operation_id="get_provider", responses=ProviderSerializer, tags=["agency"])
    def get(self, request: Request) -> Response:
        """Show the agency: its name and what it reports in. For its staff."""
        return self.ok(asdict(get_provider()))


def _standing(each: Any) -> dict[str, Any]:
    return {
        "client": asdict(each.client),
        "role": each.role,
        "capabilities": sorted(each.capabilities),
    }
