"""What each endpoint needs: rule sets and their versions."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/rule-schema"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/rule-templates"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/rule-sets"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/rule-sets"): Capability.PRICE_RULE_WRITE,
    ("GET", f"{CLIENT}/rule-sets/<slug:key>"): Capability.PRICE_READ,
    ("PUT", f"{CLIENT}/rule-sets/<slug:key>"): Capability.PRICE_RULE_WRITE,
    ("GET", f"{CLIENT}/rule-sets/<slug:key>/versions"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/rule-sets/<slug:key>/versions/<int:number>"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/rule-sets/<slug:key>/diff"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/rule-sets/<slug:key>/activation"): Capability.PRICE_RULE_WRITE,
    ("POST", f"{CLIENT}/rule-sets/<slug:key>/retirement"): Capability.PRICE_RULE_WRITE,
    ("POST", f"{CLIENT}/rule-sets/<slug:key>/dry-run"): Capability.PRICE_READ,
}
