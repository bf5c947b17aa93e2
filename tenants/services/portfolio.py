"""Notes what was counted at the current client where the agency's view reads it."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

from tenants.context import require_client
from tenants.models import PortfolioRow
from tenants.types import PortfolioFigures

_FURTHEST = Decimal(999)


def note_portfolio(figures: PortfolioFigures) -> None:
    """Write the current client's row, over the one before. A shortfall beyond a thousandfold is cut off."""
    values = asdict(figures)
    if figures.shortfall is not None:
        values["shortfall"] = max(-_FURTHEST, min(figures.shortfall, _FURTHEST)).quantize(Decimal("0.000001"))
    PortfolioRow.objects.update_or_create(client_id=require_client().id, defaults=values)
