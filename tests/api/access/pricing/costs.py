"""What each endpoint needs: what a listing costs and keeps, and what-if."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"
STORE = f"{CLIENT}/stores/<int:store_id>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{STORE}/listing-profiles"): Capability.PRICE_READ,
    ("POST", f"{STORE}/listing-profiles:batch"): Capability.PRICE_POLICY_WRITE,
    ("GET", f"{STORE}/listing-profiles/<str:sku>"): Capability.PRICE_READ,
    ("PUT", f"{STORE}/listing-profiles/<str:sku>"): Capability.PRICE_POLICY_WRITE,
    ("GET", f"{STORE}/pricing-policies"): Capability.PRICE_READ,
    ("GET", f"{STORE}/pricing-policies/<str:tier>"): Capability.PRICE_READ,
    ("PUT", f"{STORE}/pricing-policies/<str:tier>"): Capability.PRICE_POLICY_WRITE,
    ("GET", f"{STORE}/listings"): Capability.PRICE_READ,
    ("GET", f"{STORE}/listings/<str:sku>/contribution"): Capability.PRICE_READ,
    ("POST", f"{STORE}/simulations"): Capability.PRICE_READ,
}
