"""What each endpoint needs: the agency over all its clients."""

from __future__ import annotations

from tenants.permissions import AgencyCapability

TABLE: dict[tuple[str, str], AgencyCapability] = {
    ("GET", "portfolio"): AgencyCapability.PORTFOLIO_READ,
    ("GET", "portfolio/totals"): AgencyCapability.PORTFOLIO_READ,
}
