"""What each platform can deliver, told from its specification: the capability matrix."""

from __future__ import annotations

from typing import Any

from connectors.engine.protocol import ConnectorSpec
from connectors.registry import PLATFORMS


def list_platforms() -> list[dict[str, Any]]:
    """Return every platform with its fields, marketplaces and streams, as the API shows them."""
    return [_shown(spec) for spec in PLATFORMS.all().values()]


def _shown(spec: ConnectorSpec) -> dict[str, Any]:
    return {
        "key": spec.key,
        "title": spec.title,
        "credential_fields": list(spec.auth.credential_fields),
        "account_fields": list(spec.account_fields),
        "scope_warning": spec.scope_warning,
        "marketplaces": [
            {
                "id": place.id,
                "market": place.market,
                "currency": place.currency,
                "time_zone": place.time_zone,
            }
            for place in spec.marketplaces.values()
        ],
        "streams": [
            {
                "key": stream.key,
                "family": stream.family,
                "cadence_seconds": int(stream.cadence.total_seconds()),
                "stale_after_seconds": int(stream.stale_after.total_seconds()),
            }
            for stream in spec.streams.values()
        ],
    }
