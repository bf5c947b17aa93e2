"""What each endpoint needs: fee, tax and duty parameters, their overrides and what changed."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {}
