"""What each endpoint of connectors needs, decided here and not read from the views."""

from __future__ import annotations

from tenants.permissions import Capability

TABLE: dict[tuple[str, str], Capability] = {}
