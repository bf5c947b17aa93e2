"""What each endpoint needs: proofs, the museum and price wars."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {
    ("POST", f"{CLIENT}/rule-verifications"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-wars"): Capability.PRICE_READ,
}
