"""What each endpoint needs: contracts and their clocks."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/sla-clocks"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/provider-scorecard"): Capability.SCORECARD_READ,
    ("GET", f"{CLIENT}/provider-scorecard/export"): Capability.SCORECARD_READ,
}
