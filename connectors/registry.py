"""Which platforms there are. Adding one is a folder under `platforms/` and a line here."""

from __future__ import annotations

from config.lib.registry import Registry
from connectors.engine.protocol import ConnectorSpec

PLATFORMS = Registry(
    "platform",
    ConnectorSpec,
    {
        "amazon_sp": "connectors.platforms.amazon_sp.manifest.SPEC",
        "amazon_ads": "connectors.platforms.amazon_ads.manifest.SPEC",
    },
)


def get_spec(platform: str) -> ConnectorSpec:
    """Return the specification of a platform; `UnknownKey` names the known ones."""
    return PLATFORMS.get(platform)
