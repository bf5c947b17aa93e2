"""Which streams Amazon Ads offers, by key."""

from __future__ import annotations

from connectors.engine.protocol import Stream
from connectors.platforms.amazon_ads.streams.advertised_product import SP_ADVERTISED_PRODUCT

STREAMS: dict[str, Stream] = {stream.key: stream for stream in (SP_ADVERTISED_PRODUCT,)}
