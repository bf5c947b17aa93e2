"""Which clients a caller may know of, and what the agency is. Reads public tables, so in the public role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from config.lib.errors import NotFound
from tenants.models import Client, Membership, Provider
from tenants.permissions import Capability, capabilities_of
from tenants.principals import Machine, Principal
from tenants.selectors.people import Rows
from tenants.types import STAFF_ROLES, ClientState, ClientView, ProviderView, Role

_COLUMNS = tuple(field.name for field in fields(ClientView))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a caller is to one client, as /me tells it; `role` is None for a key."""

    client: ClientView
    role: Role | None
    capabilities: frozenset[Capability]


def client_rows(principal: Principal) -> Rows:
    """The columns of `ClientView` of every client the caller may know of, unordered, for paging."""
    rows: Rows = Client.objects.values(*_COLUMNS)
    if isinstance(principal, Machine):
        return rows.filter(pk=principal.client_id)
    if principal.is_provider_owner:
        return rows
    return rows.filter(pk__in=_memberships(principal.id, is_staff=principal.is_staff_member).values("client"))


def list_standings(principal: Principal) -> list[Standing]:
    """Every client the caller may know of with what they may do there, by slug."""
    clients = [client_of(row) for row in client_rows(principal).order_by("slug")]
    if isinstance(principal, Machine):
        return [Standing(client, None, principal.scopes) for client in clients]
    if principal.is_provider_owner:
        return [Standing(client, Role.OWNER, capabilities_of(Role.OWNER)) for client in clients]
    held = _memberships(principal.id, is_staff=principal.is_staff_member)
    roles = {client_id: Role(role) for client_id, role in held.values_list("client_id", "role")}
    return [
        Standing(client, roles[client.id], capabilities_of(roles[client.id]))
        for client in clients
        if client.id in roles
    ]


def get_client(client_id: int) -> ClientView:
    """One client by id; NotFound when there is none."""
    row = Client.objects.filter(pk=client_id).values(*_COLUMNS).first()
    if row is None:
        raise NotFound("There is no such client.")
    return client_of(row)


def client_of(row: Mapping[str, Any]) -> ClientView:
    """The value of a row of `client_rows`."""
    return ClientView(**{**row, "state": ClientState(row["state"])})


def get_provider() -> ProviderView:
    """The agency; before anybody has named it, the defaults without a name."""
    row = Provider.objects.first() or Provider()
    return ProviderView(row.name, row.locale, row.reporting_currency)


def _memberships(user_id: int, *, is_staff: bool) -> Any:
    """The memberships that count: of the kind that fits the person (see selectors.access)."""
    roles = [role.value for role in Role if (role in STAFF_ROLES) == is_staff]
    return Membership.objects.filter(user_id=user_id, role__in=roles)
