"""What each endpoint needs: promotions, locks, clearance and price evidence."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {}
