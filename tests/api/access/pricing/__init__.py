"""What each endpoint of pricing needs, decided here and not read from the views."""

from __future__ import annotations

from tenants.permissions import Capability
from tests.api.access.pricing import (
    approvals,
    competitors,
    costs,
    experiments,
    fees,
    promotions,
    recommendations,
    rules,
    verification,
)

TABLE: dict[tuple[str, str], Capability] = {
    **costs.TABLE,
    **fees.TABLE,
    **rules.TABLE,
    **competitors.TABLE,
    **recommendations.TABLE,
    **approvals.TABLE,
    **promotions.TABLE,
    **experiments.TABLE,
    **verification.TABLE,
}
