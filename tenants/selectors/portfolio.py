"""The agency's view over the clients a caller may know of. Reads public tables, so in the public role."""

from __future__ import annotations

from dataclasses import dataclass, fields

from tenants.models import PortfolioRow
from tenants.principals import Principal
from tenants.selectors.clients import client_rows
from tenants.types import ClientState, HealthBand, PacingBand, PortfolioFigures

_COLUMNS = tuple(field.name for field in fields(PortfolioFigures))


@dataclass(frozen=True, slots=True)
class PortfolioEntry:
    """A client with what was last counted at it; `figures` is None before the first count."""

    id: int
    slug: str
    name: str
    figures: PortfolioFigures | None


def list_portfolio(principal: Principal) -> list[PortfolioEntry]:
    """Return every active client that the caller may know of, by slug."""
    clients = list(client_rows(principal).filter(state=ClientState.ACTIVE).order_by("slug"))
    rows = PortfolioRow.objects.filter(client_id__in=[client["id"] for client in clients])
    figures = {
        client_id: PortfolioFigures(PacingBand(band), shortfall, HealthBand(health), *counts)
        for client_id, band, shortfall, health, *counts in rows.values_list("client_id", *_COLUMNS)
    }
    return [
        PortfolioEntry(client["id"], client["slug"], client["name"], figures.get(client["id"]))
        for client in clients
    ]
