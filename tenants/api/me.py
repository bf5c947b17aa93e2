"""Who the caller is and which agency this is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.renderer import dumps
from tenants.api.serializers import MeSerializer, ProfileChange, ProviderSerializer
from tenants.http import PublicView
from tenants.permissions import AgencyCapability
from tenants.principals import Person, Principal
from tenants.selectors.clients import get_provider, list_standings
from tenants.services.profiles import change_profile


class MeView(PublicView):
    """The caller and what they may do where."""

    capabilities: ClassVar[Mapping[str, AgencyCapability]] = {
        "GET": AgencyCapability.SELF_READ,
        "PATCH": AgencyCapability.SELF_WRITE,
    }

    @extend_schema(operation_id="get_me", responses=MeSerializer, tags=["people"])
    def get(self, request: Request) -> Response:
        """Tell who is calling: a person or an API key, and the clients it may work for."""
        return self.ok(_shown(self.principal))

    @extend_schema(operation_id="update_me", request=ProfileChange, responses=MeSerializer, tags=["people"])
    def patch(self, request: Request) -> Response:
        """Change one's own name, language or time zone; If-Match carries the ETag of what was read."""
        person = self.person
        require_if_match(request, dumps(_shown(person)))
        changes = self.body(ProfileChange, partial=True)
        change_profile(person_id=person.id, changes=changes)
        shown = _shown(replace(person, **changes))
        return self.ok(shown, etag=etag_of(dumps(shown)))


class ProviderView(PublicView):
    """The agency that runs this deployment."""

    capabilities: ClassVar[Mapping[str, AgencyCapability]] = {"GET": AgencyCapability.PROVIDER_READ}

    @extend_schema(operation_id="get_provider", responses=ProviderSerializer, tags=["agency"])
    def get(self, request: Request) -> Response:
        """Show the agency: its name and what it reports in. For its staff."""
        return self.ok(asdict(get_provider()))


def _shown(caller: Principal) -> dict[str, Any]:
    """The caller as /me tells it; the ETag is made of these very bytes."""
    person = caller if isinstance(caller, Person) else None
    return {
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


def _standing(each: Any) -> dict[str, Any]:
    return {
        "client": asdict(each.client),
        "role": each.role,
        "capabilities": sorted(each.capabilities),
    }
