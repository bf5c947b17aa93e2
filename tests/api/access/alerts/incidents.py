"""What each endpoint needs: the work on alerts, incidents, diagnostics and the sampling queue."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"
INCIDENT = f"{CLIENT}/incidents/<int:incident_id>"

TABLE: dict[tuple[str, str], Capability] = {
    ("POST", f"{CLIENT}/alerts/<int:alert_id>/action"): Capability.ALERT_WRITE,
    ("GET", f"{CLIENT}/incidents"): Capability.INCIDENT_READ,
    ("POST", f"{CLIENT}/incidents"): Capability.INCIDENT_WRITE,
    ("GET", INCIDENT): Capability.INCIDENT_READ,
    ("PATCH", INCIDENT): Capability.INCIDENT_WRITE,
    ("POST", f"{INCIDENT}/alerts"): Capability.INCIDENT_WRITE,
    ("POST", f"{INCIDENT}/freeze"): Capability.PRICE_HALT,
    ("POST", f"{INCIDENT}/evidence"): Capability.INCIDENT_WRITE,
    ("GET", f"{INCIDENT}/evidence/<int:evidence_id>"): Capability.INCIDENT_READ,
    ("POST", f"{INCIDENT}/diagnostics"): Capability.INCIDENT_WRITE,
    ("POST", f"{CLIENT}/diagnostics"): Capability.INCIDENT_READ,
    ("GET", f"{CLIENT}/alert-work"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/alert-work/<int:work_id>"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/sampled-items"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/sampled-items/<int:item_id>"): Capability.ALERT_READ,
    ("POST", f"{CLIENT}/sampled-items/<int:item_id>/answer"): Capability.ALERT_WRITE,
    ("GET", f"{CLIENT}/sampling-rates"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/sampling-settings"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/sampling-settings/<slug:kind>"): Capability.ALERT_READ,
    ("PUT", f"{CLIENT}/sampling-settings/<slug:kind>"): Capability.ALERT_RULE_WRITE,
}
