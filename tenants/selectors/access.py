"""What a caller may do for a client: the one question asked at every request, answered by one query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenants.models import Client, Membership
from tenants.permissions import Capability, capabilities_of
from tenants.principals import Machine, Principal
from tenants.types import STAFF_ROLES, ClientRef, ClientState, Role

_CLIENT_COLUMNS = (
    "id",
    "slug",
    "schema_name",
    "name",
    "reporting_currency",
    "time_zone",
    "week_start",
    "state",
)


@dataclass(frozen=True, slots=True)
class Access:
    """A caller's standing at one client; `role` is None for a key, which holds scopes instead."""

    client: ClientRef
    role: Role | None
    capabilities: frozenset[Capability]


def find_access(principal: Principal, slug: str) -> Access | None:
    """The caller's standing at the client; None when it does not exist, and when it is not theirs."""
    if isinstance(principal, Machine):
        client = Client.objects.filter(slug=slug, pk=principal.client_id).values(*_CLIENT_COLUMNS).first()
        return Access(client_ref(client), None, principal.scopes) if client else None
    if principal.is_provider_owner:
        client = Client.objects.filter(slug=slug).values(*_CLIENT_COLUMNS).first()
        return Access(client_ref(client), Role.OWNER, capabilities_of(Role.OWNER)) if client else None
    row = (
        Membership.objects.filter(user_id=principal.id, client__slug=slug)
        .values("role", *(f"client__{column}" for column in _CLIENT_COLUMNS))
        .first()
    )
    if row is None:
        return None
    role = Role(row["role"])
    if (role in STAFF_ROLES) != principal.is_staff_member:
        # A staff role on a client login is a fault in the data; it must not open anything.
        return None
    client = {column: row[f"client__{column}"] for column in _CLIENT_COLUMNS}
    return Access(client_ref(client), role, capabilities_of(role))


def client_ref(row: Mapping[str, Any]) -> ClientRef:
    """The reference of a client from its columns."""
    columns = {column: row[column] for column in _CLIENT_COLUMNS}
    return ClientRef(**{**columns, "state": ClientState(row["state"])})
