"""What each endpoint needs: promotions, locks, clearance and price evidence."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/price-locks"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-locks"): Capability.PRICE_WRITE,
    ("GET", f"{CLIENT}/price-locks/<int:lock_id>"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-locks/<int:lock_id>/release"): Capability.PRICE_WRITE,
}
