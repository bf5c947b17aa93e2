"""What each endpoint needs: alert rules and their trial on history."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/alert-detectors"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/alert-rules"): Capability.ALERT_READ,
    ("POST", f"{CLIENT}/alert-rules"): Capability.ALERT_RULE_WRITE,
    ("POST", f"{CLIENT}/alert-rules:backtest"): Capability.ALERT_READ,
    ("POST", f"{CLIENT}/alert-rules:install"): Capability.ALERT_RULE_WRITE,
    ("GET", f"{CLIENT}/alert-rules/<slug:key>"): Capability.ALERT_READ,
    ("PUT", f"{CLIENT}/alert-rules/<slug:key>"): Capability.ALERT_RULE_WRITE,
    ("GET", f"{CLIENT}/alert-rules/<slug:key>/versions"): Capability.ALERT_READ,
    ("POST", f"{CLIENT}/alert-rules/<slug:key>/activation"): Capability.ALERT_RULE_WRITE,
    ("POST", f"{CLIENT}/alert-rules/<slug:key>/deactivation"): Capability.ALERT_RULE_WRITE,
}
