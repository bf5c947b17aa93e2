"""Who belongs to a client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import page_of
from tenants.api.serializers import MemberChange, MemberInput, MemberSerializer
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.selectors.people import get_member, member_rows
from tenants.services.members import add_member, change_role, remove_member
from tenants.types import MemberView, Role


class MembersView(TenantView):
    """The people of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.MEMBER_READ,
        "POST": Capability.MEMBER_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PageQuery.of(MemberSerializer)}
    looks = "members"

    @extend_schema(operation_id="list_members", responses=page_of(MemberSerializer), tags=["people"])
    def get(self, request: Request, client: str) -> Response:
        """List the people of the client: agency staff and the client's own logins."""
        with self.in_public():
            return self.page(member_rows(self.client.id), ordering=("id",))

    @extend_schema(
        operation_id="add_member", request=MemberInput, responses={201: MemberSerializer}, tags=["people"]
    )
    def post(self, request: Request, client: str) -> Response:
        """Admit a person in a role no higher than one's own."""
        values = self.body(MemberInput)
        member = add_member(
            email=values["email"], name=values["name"], role=values["role"], granted_by=_role(self)
        )
        location = f"{self.base_path}/members/{member.id}"
        return self.created(asdict(member), location, etag=etag_of(member.version))


class MemberDetailView(TenantView):
    """One person of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.MEMBER_READ,
        "PATCH": Capability.MEMBER_WRITE,
        "DELETE": Capability.MEMBER_WRITE,
    }
    looks = "members"

    @extend_schema(operation_id="get_member", responses=MemberSerializer, tags=["people"])
    def get(self, request: Request, client: str, member_id: int) -> Response:
        """Show a member."""
        return self._shown(self._read(member_id))

    @extend_schema(
        operation_id="change_member", request=MemberChange, responses=MemberSerializer, tags=["people"]
    )
    def patch(self, request: Request, client: str, member_id: int) -> Response:
        """Give a member another role; If-Match carries the ETag of what was read."""
        member = self._read(member_id)
        require_if_match(request, member.version)
        role = self.body(MemberChange)["role"]
        return self._shown(
            change_role(membership_id=member.id, role=role, version=member.version, granted_by=_role(self))
        )

    @extend_schema(operation_id="remove_member", responses={204: None}, tags=["people"])
    def delete(self, request: Request, client: str, member_id: int) -> Response:
        """Let a member go, from the next request on. The last owner stays."""
        remove_member(membership_id=member_id, granted_by=_role(self))
        return Response(status=204)

    def _read(self, member_id: int) -> MemberView:
        with self.in_public():
            return get_member(self.client.id, member_id)

    def _shown(self, member: MemberView) -> Response:
        return self.ok(asdict(member), etag=etag_of(member.version))


def _role(view: TenantView) -> Role:
    """The caller's role. Scopes that write members are never given to keys, so that it is always a person."""
    assert view.membership_role is not None
    return view.membership_role
