"""What each endpoint needs: the live feed."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/feed"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/feed/events"): Capability.ALERT_READ,
}
