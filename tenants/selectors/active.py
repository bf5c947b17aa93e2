"""Which clients are worked for, and how a client is found by its name. Reads public tables."""

from __future__ import annotations

from config.lib.errors import NotFound
from tenants.models import Client
from tenants.types import ClientRef, ClientState


def list_active_client_ids() -> list[int]:
    """The ids of all active clients, oldest first."""
    return list(Client.objects.filter(state=ClientState.ACTIVE).order_by("id").values_list("id", flat=True))


def list_client_refs() -> list[ClientRef]:
    """All clients whose schema exists, oldest first."""
    return [_ref(row) for row in Client.objects.exclude(state=ClientState.PREPARING).order_by("id")]


def get_client_ref(slug: str) -> ClientRef:
    """The client of this slug; `NotFound` when there is none."""
    row = Client.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"there is no client {slug!r}")
    return _ref(row)


def _ref(row: Client) -> ClientRef:
    return ClientRef(
        id=row.pk,
        slug=row.slug,
        schema_name=row.schema_name,
        name=row.name,
        reporting_currency=row.reporting_currency,
        time_zone=row.time_zone,
        week_start=row.week_start,
        state=ClientState(row.state),
    )
