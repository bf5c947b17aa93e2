"""What each endpoint needs: the work on alerts, and diagnostics."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {
    ("POST", f"{CLIENT}/alerts/<int:alert_id>/action"): Capability.ALERT_WRITE,
    ("POST", f"{CLIENT}/diagnostics"): Capability.INCIDENT_READ,
    ("GET", f"{CLIENT}/alert-work"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/alert-work/<int:work_id>"): Capability.ALERT_READ,
}
