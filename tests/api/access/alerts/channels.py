"""What each endpoint needs: channels, preferences and deliveries."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/channel-kinds"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/channels"): Capability.ALERT_READ,
    ("POST", f"{CLIENT}/channels"): Capability.CHANNEL_WRITE,
    ("GET", f"{CLIENT}/channels/<int:channel_id>"): Capability.ALERT_READ,
    ("PATCH", f"{CLIENT}/channels/<int:channel_id>"): Capability.CHANNEL_WRITE,
    ("DELETE", f"{CLIENT}/channels/<int:channel_id>"): Capability.CHANNEL_WRITE,
    ("POST", f"{CLIENT}/channels/<int:channel_id>/test"): Capability.CHANNEL_WRITE,
    ("POST", f"{CLIENT}/channels/<int:channel_id>/secret-rotation"): Capability.CHANNEL_WRITE,
    ("GET", f"{CLIENT}/deliveries"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/deliveries/<int:delivery_id>"): Capability.ALERT_READ,
    ("POST", f"{CLIENT}/deliveries/<int:delivery_id>/replay"): Capability.ALERT_WRITE,
    ("GET", f"{CLIENT}/dead-letters"): Capability.ALERT_READ,
    ("GET", f"{CLIENT}/notice-preference"): Capability.ALERT_READ,
    ("PUT", f"{CLIENT}/notice-preference"): Capability.ALERT_READ,
}
