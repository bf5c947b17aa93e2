"""What each endpoint needs: what a listing costs and keeps, and what-if."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {}
