"""What an item of the Listings Items API 2021-08-01 means for one marketplace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.engine.protocol import StreamContext
from connectors.platforms.common.moments import ShopClock, parse_instant
from connectors.platforms.common.numbers import json_decimal
from connectors.types import FulfilmentChannel, ListingRecord

ACTIVE, INACTIVE = "active", "inactive"
_MERCHANT_CODE = "DEFAULT"
_LONGEST_TITLE = 500


def listing(item: Mapping[str, Any], context: StreamContext, clock: ShopClock) -> ListingRecord | None:
    """Map a listing; None when the store's marketplace does not have it; `ValueError`/`KeyError` if bad."""
    place = context.store.marketplace_id
    summary = next((part for part in item.get("summaries") or [] if part["marketplaceId"] == place), None)
    if summary is None:
        return None
    offer = next(
        (
            part
            for part in item.get("offers") or []
            if part["marketplaceId"] == place and part.get("offerType") == "B2C"
        ),
        None,
    )
    codes = {str(part["fulfillmentChannelCode"]) for part in item.get("fulfillmentAvailability") or []}
    opened_at = parse_instant(summary["createdDate"])
    price = (offer or {}).get("price") or {}
    return ListingRecord(
        sku=str(item["sku"]),
        product_id=str(summary.get("asin") or ""),
        title=str(summary.get("itemName") or "")[:_LONGEST_TITLE],
        status=ACTIVE if "BUYABLE" in (summary.get("status") or []) else INACTIVE,
        condition=str(summary.get("conditionType") or "new_new").partition("_")[0],
        # Amazon names its own warehouses ("AMAZON_NA"); the merchant's stock is DEFAULT.
        channel=FulfilmentChannel.PLATFORM if codes - {_MERCHANT_CODE} else FulfilmentChannel.MERCHANT,
        currency=str(price.get("currencyCode") or context.store.currency),
        price_amount=json_decimal(price["amount"]) if price.get("amount") is not None else None,
        opened_on=clock.day(opened_at),
        source_updated_at=_newest(context.now, summary),
    )


def _newest(now: datetime, summary: Mapping[str, Any]) -> datetime:
    """Return when the listing is known to be so: now, as price and stock change without its update time."""
    changed = summary.get("lastUpdatedDate")
    return max(now, parse_instant(changed)) if changed else now
