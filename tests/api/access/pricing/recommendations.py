"""What each endpoint needs: runs and recommendations."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"
RUN = f"{CLIENT}/pricing-runs/<int:run_id>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/price-recommendations"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/price-recommendations/<int:recommendation_id>"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/pricing-runs"): Capability.PRICE_READ,
    ("POST", f"{CLIENT}/pricing-runs"): Capability.PRICE_WRITE,
    ("GET", RUN): Capability.PRICE_READ,
    ("GET", f"{RUN}/items"): Capability.PRICE_READ,
    ("GET", f"{RUN}/events"): Capability.PRICE_READ,
    ("GET", f"{CLIENT}/stores/<int:store_id>/listings/<str:sku>/ads-or-price"): Capability.PRICE_READ,
}
