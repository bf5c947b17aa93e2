"""What each endpoint needs: fee, tax and duty parameters, their overrides and what changed."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/fee-parameters"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/fee-parameters/<str:key>"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/fee-quotes"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/fee-overrides"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/fee-overrides/<str:key>"): Capability.PRICE_READ,
    ("PUT", f"{CLIENT}/fee-overrides/<str:key>"): Capability.PRICE_POLICY_WRITE,
    ("GET", f"{CLIENT}/fee-divergences"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/fee-changes:preview"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/fee-changes:propose"): Capability.PRICE_WRITE,
    ("POST", f"{CLIENT}/fx-changes:preview"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/fx-changes:propose"): Capability.PRICE_WRITE,
    ("GET", f"{CLIENT}/margin-at-risk"): Capability.PRICE_READ,
}
