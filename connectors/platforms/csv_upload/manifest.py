"""Platforms that reach us by files only: where they sell, and nothing to call; a connector replaces one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.engine.protocol import Action, ConnectorSpec, Failure, Marketplace, Request, Response

_PLACES = {
    "US": ("USD", "America/Los_Angeles"),
    "CA": ("CAD", "America/Toronto"),
    "MX": ("MXN", "America/Mexico_City"),
    "JP": ("JPY", "Asia/Tokyo"),
    "GB": ("GBP", "Europe/London"),
    "DE": ("EUR", "Europe/Berlin"),
}


@dataclass(slots=True)
class NoLogin:
    """Nobody signs in: there is nothing to call."""

    credential_fields: tuple[str, ...] = ()

    def token_request(self, credential: Mapping[str, str]) -> Request:
        """There is no token to buy."""
        raise LookupError("a platform that is fed by uploads has no token")

    def read_token(self, response: Response) -> tuple[str, float]:
        """There is no token to read."""
        raise LookupError("a platform that is fed by uploads has no token")

    def headers(
        self, token: str, credential: Mapping[str, str], account: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Nothing is sent."""
        return {}


def _classify(status: int, headers: Mapping[str, str], body: bytes, operation: str) -> Failure:
    return Failure(Action.FAIL, "not_called", "This platform is never called.")


def _by_files(key: str, title: str, *markets: str) -> ConnectorSpec:
    places = (Marketplace(f"{key}-{market.lower()}", market, *_PLACES[market], host="") for market in markets)
    return ConnectorSpec(
        key=key,
        title=title,
        marketplaces={place.id: place for place in places},
        operations={},
        document_hosts=(),
        streams={},
        auth=NoLogin(),
        classify=_classify,
    )


SHOPIFY = _by_files("shopify", "Shopify", "US", "CA", "MX", "JP", "GB", "DE")
WALMART = _by_files("walmart", "Walmart Marketplace", "US", "CA", "MX")
EBAY = _by_files("ebay", "eBay", "US", "CA", "GB", "DE")
MERCADO_LIBRE = _by_files("mercado_libre", "Mercado Libre", "MX")
RAKUTEN = _by_files("rakuten", "Rakuten Ichiba", "JP")
YAHOO_SHOPPING = _by_files("yahoo_shopping", "Yahoo! Shopping Japan", "JP")
TIKTOK_SHOP = _by_files("tiktok_shop", "TikTok Shop", "US", "MX", "JP", "GB")
OTHER = _by_files("other", "Another channel", "US", "CA", "MX", "JP", "GB", "DE")
