"""What Amazon's pricing answers say of offers: ours and competitors', per product, landed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from connectors.engine.protocol import StreamContext
from connectors.platforms.common.moments import ShopClock
from connectors.platforms.common.numbers import ZERO, json_decimal
from connectors.types import FulfilmentChannel, OfferRecord


def own_sellers(context: StreamContext) -> frozenset[str]:
    """Return the seller ids that are the client's own: they are never competitors of each other."""
    return context.own_sellers | {context.account.get("seller_id", "")} - {""}


def summary_offers(body: Mapping[str, Any], context: StreamContext) -> list[OfferRecord]:
    """Return the offers of one product from `competitiveSummary`; featured ones win over their twins."""
    asin = str(body["asin"])
    offers: dict[tuple[str, str, FulfilmentChannel], OfferRecord] = {}
    for group in body.get("lowestPricedOffers") or []:
        for offer in group["offers"]:
            _put(offers, _summary_offer(offer, asin, context, featured=False))
    for option in body.get("featuredBuyingOptions") or []:
        for offer in option["segmentedFeaturedOffers"]:
            _put(offers, _summary_offer(offer, asin, context, featured=True))
    return list(offers.values())


def item_offers(payload: Mapping[str, Any], context: StreamContext) -> Iterator[OfferRecord]:
    """Yield the offers of one product from `getItemOffers`, which marks ours with MyOffer."""
    asin = str(payload.get("ASIN") or (payload.get("Identifier") or {}).get("ASIN") or "")
    condition = str(payload.get("ItemCondition") or "New").lower()
    offers: dict[tuple[str, str, FulfilmentChannel], OfferRecord] = {}
    for offer in payload.get("Offers") or []:
        seller = str(offer.get("SellerId") or "")
        is_own = bool(offer.get("MyOffer")) or seller in own_sellers(context)
        points = (offer.get("Points") or {}).get("PointsMonetaryValue")
        record = _record(
            context,
            asin=asin,
            seller=seller or (context.account.get("seller_id", "") if is_own else ""),
            is_own=is_own,
            condition=condition,
            is_platform=bool(offer.get("IsFulfilledByAmazon")),
            price=offer["ListingPrice"],
            shipping=offer.get("Shipping"),
            points=points,
            is_featured=bool(offer.get("IsBuyBoxWinner")),
        )
        _put(offers, record)
    yield from offers.values()


def _put(offers: dict[tuple[str, str, FulfilmentChannel], OfferRecord], record: OfferRecord) -> None:
    """Keep one offer per seller, condition and channel: the featured one, else the cheaper."""
    key = (record.seller_id, record.condition, record.channel)
    known = offers.get(key)
    if known is None or (not record.is_featured, record.landed_amount) < (
        not known.is_featured,
        known.landed_amount,
    ):
        offers[key] = record


def _summary_offer(
    offer: Mapping[str, Any], asin: str, context: StreamContext, *, featured: bool
) -> OfferRecord:
    seller = str(offer["sellerId"])
    shipping: Mapping[str, Any] = next(iter(offer.get("shippingOptions") or []), {})
    return _record(
        context,
        asin=asin,
        seller=seller,
        is_own=seller in own_sellers(context),
        condition=str(offer["condition"]).lower(),
        is_platform=offer["fulfillmentType"] == "AFN",
        price=offer["listingPrice"],
        shipping=shipping.get("price"),
        points=(offer.get("points") or {}).get("pointsMonetaryValue"),
        is_featured=featured,
    )


def _record(
    context: StreamContext,
    *,
    asin: str,
    seller: str,
    is_own: bool,
    condition: str,
    is_platform: bool,
    price: Mapping[str, Any],
    shipping: Mapping[str, Any] | None,
    points: Mapping[str, Any] | None,
    is_featured: bool,
) -> OfferRecord:
    at = context.now.replace(microsecond=0)
    money = {name.lower(): value for name, value in price.items()}
    amount = json_decimal(money["amount"])
    freight = _amount(shipping)
    granted = _amount(points)
    return OfferRecord(
        product_id=asin,
        seller_id=seller,
        is_own=is_own,
        condition=condition,
        channel=FulfilmentChannel.PLATFORM if is_platform else FulfilmentChannel.MERCHANT,
        observed_at=at,
        business_on=ShopClock(context.store.time_zone).day(at),
        currency=str(money.get("currencycode") or context.store.currency),
        price_amount=amount,
        shipping_amount=freight,
        points_amount=granted,
        landed_amount=amount + freight - granted,
        is_featured=is_featured,
        source_updated_at=context.now,
    )


def _amount(money: Mapping[str, Any] | None) -> Decimal:
    """Return the amount of a money object, whose members Amazon capitalises in its older APIs."""
    value = (money or {}).get("amount", (money or {}).get("Amount"))
    return ZERO if value is None else json_decimal(value)
