"""What each endpoint needs: silences, duty rosters and the life of an alert."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"
ALERT = f"{CLIENT}/alerts/<int:alert_id>"
SILENCE = f"{CLIENT}/silences/<int:silence_id>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/alerts"): Capability.ALERT_READ,
    ("GET", ALERT): Capability.ALERT_READ,
    ("POST", f"{ALERT}/acknowledgement"): Capability.ALERT_WRITE,
    ("POST", f"{ALERT}/resolution"): Capability.ALERT_WRITE,
    ("POST", f"{ALERT}/reset"): Capability.ALERT_WRITE,
    ("GET", f"{CLIENT}/silences"): Capability.ALERT_READ,
    ("POST", f"{CLIENT}/silences"): Capability.ALERT_WRITE,
    ("GET", SILENCE): Capability.ALERT_READ,
    ("PATCH", SILENCE): Capability.ALERT_WRITE,
    ("POST", f"{SILENCE}/ending"): Capability.ALERT_WRITE,
    ("GET", f"{CLIENT}/duty-roster"): Capability.ALERT_READ,
    ("PUT", f"{CLIENT}/duty-roster"): Capability.ALERT_RULE_WRITE,
    ("GET", f"{CLIENT}/duty-roster/on-duty"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/alert-attention"): Capability.ALERT_READ,
    ("PUT", f"{CLIENT}/alert-attention"): Capability.ALERT_READ,
}
