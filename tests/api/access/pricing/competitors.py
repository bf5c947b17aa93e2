"""What each endpoint needs: competitors, price bands and checks of a price."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/sister-sellers"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/sister-sellers"): Capability.PRICE_POLICY_WRITE,
    ("GET", f"{CLIENT}/sister-sellers/<int:sister_id>"): Capability.PRICE_READ,
    ("PATCH", f"{CLIENT}/sister-sellers/<int:sister_id>"): Capability.PRICE_POLICY_WRITE,
    ("GET", f"{CLIENT}/price-sources"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-sources"): Capability.PRICE_POLICY_WRITE,
    ("GET", f"{CLIENT}/price-sources/<int:source_id>"): Capability.PRICE_READ,
    ("PATCH", f"{CLIENT}/price-sources/<int:source_id>"): Capability.PRICE_POLICY_WRITE,
    ("POST", f"{CLIENT}/competitor-offers"): Capability.PRICE_WRITE,
    ("GET", f"{CLIENT}/price-bands"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/price-independence"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/price-advice:check"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/stores/<int:store_id>/listings/<str:sku>/rivals"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/stores/<int:store_id>/listings/<str:sku>/buy-box"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/stores/<int:store_id>/listings/<str:sku>/price-checks"): Capability.PRICE_READ,
}
