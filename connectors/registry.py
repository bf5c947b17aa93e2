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
        # Fed by uploads until they have a connector of their own.
        "shopify": "connectors.platforms.csv_upload.manifest.SHOPIFY",
        "walmart": "connectors.platforms.csv_upload.manifest.WALMART",
        "ebay": "connectors.platforms.csv_upload.manifest.EBAY",
        "mercado_libre": "connectors.platforms.csv_upload.manifest.MERCADO_LIBRE",
        "rakuten": "connectors.platforms.csv_upload.manifest.RAKUTEN",
        "yahoo_shopping": "connectors.platforms.csv_upload.manifest.YAHOO_SHOPPING",
        "tiktok_shop": "connectors.platforms.csv_upload.manifest.TIKTOK_SHOP",
        "other": "connectors.platforms.csv_upload.manifest.OTHER",
    },
)


def get_spec(platform: str) -> ConnectorSpec:
    """Return the specification of a platform; `UnknownKey` names the known ones."""
    return PLATFORMS.get(platform)
