"""What each endpoint of alerts needs, decided here and not read from the views."""

from __future__ import annotations

from tenants.permissions import AgencyCapability, Capability
from tests.api.access.alerts import agency, channels, contracts, feed, health, incidents, rules, silences

TABLE: dict[tuple[str, str], Capability | AgencyCapability] = {
    **agency.TABLE,
    **rules.TABLE,
    **silences.TABLE,
    **channels.TABLE,
    **incidents.TABLE,
    **health.TABLE,
    **contracts.TABLE,
    **feed.TABLE,
}
