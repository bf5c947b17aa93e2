"""What each endpoint needs: promotions, locks, clearance and price evidence."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"
STORE = f"{CLIENT}/stores/<int:store_id>"
LISTING = f"{STORE}/listings/<str:sku>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/price-locks"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-locks"): Capability.PRICE_WRITE,
    ("GET", f"{CLIENT}/price-locks/<int:lock_id>"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-locks/<int:lock_id>/release"): Capability.PRICE_WRITE,
    ("GET", f"{CLIENT}/price-facts"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-facts"): Capability.PRICE_WRITE,
    ("GET", f"{CLIENT}/price-facts/<int:fact_id>"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-facts/<int:fact_id>/withdraw"): Capability.PRICE_WRITE,
    ("GET", f"{LISTING}/effective-price"): Capability.PRICE_READ,
    ("GET", f"{LISTING}/price-evidence"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/promotions"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/promotions"): Capability.PRICE_WRITE,
    ("POST", f"{CLIENT}/promotions/check"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/promotions/<int:promotion_id>"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/promotions/<int:promotion_id>/cancel"): Capability.PRICE_WRITE,
    ("GET", f"{STORE}/promotion-calendar"): Capability.PRICE_READ,
    ("GET", f"{STORE}/clearance"): Capability.PRICE_READ,
    ("POST", f"{STORE}/clearance:propose"): Capability.PRICE_CLEAR,
}
