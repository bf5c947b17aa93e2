"""Product pricing: who offers our products, and for how much."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from connectors.simulator.http.calls import Call
from connectors.simulator.http.messages import Answer, json_answer, number, refuse, stamp
from connectors.simulator.world.model import Product, Store
from connectors.simulator.world.offers import Offer

SUMMARY_URI = "/products/pricing/2022-05-01/items/competitiveSummary"
_INCLUDED = frozenset({"featuredBuyingOptions", "referencePrices", "lowestPricedOffers", "similarItems"})


def _batch(call: Call) -> list[dict[str, Any]]:
    call.check(frozenset())
    body = call.request.json()
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not 1 <= len(requests) <= 20:
        raise refuse(400, "InvalidInput", "requests must hold 1 to 20 items.")
    return requests


def _find(store: Store, asin: str) -> Product | None:
    return next((product for product in store.products if product.asin == asin), None)


def _offers(call: Call, store: Store, product: Product) -> tuple[Offer, ...]:
    day = store.today(call.at)
    offers = call.parts.world.offers(store, product, day)
    call.parts.record.serve(store.key, "offers", [(f"{day}|{product.asin}", f"{len(offers)} offers")])
    return offers


def competitive_summary(call: Call) -> Answer:
    """Featured and lowest priced offers of up to twenty products."""
    responses = []
    for ask in _batch(call):
        included = ask.get("includedData") or []
        if ask.get("uri") != SUMMARY_URI or ask.get("method") != "GET" or not _INCLUDED.issuperset(included):
            raise refuse(400, "InvalidInput", "uri, method or includedData is invalid.")
        store = call.store(str(ask.get("marketplaceId")))
        asin = str(ask.get("asin"))
        product = _find(store, asin)
        body: dict[str, Any] = {"asin": asin, "marketplaceId": store.market.marketplace_id}
        if product is None:
            body["errors"] = [{"code": "INVALID_ASIN", "message": f"{asin} is not a valid ASIN"}]
            responses.append({"status": {"statusCode": 400, "reasonPhrase": "Client Error"}, "body": body})
            continue
        offers = () if call.is_empty() else _offers(call, store, product)
        if "featuredBuyingOptions" in included:
            body["featuredBuyingOptions"] = _featured(store, offers)
        if "lowestPricedOffers" in included:
            wanted = {"itemCondition": "New", "offerType": "Consumer"}
            body["lowestPricedOffers"] = (
                [{"lowestPricedOffersInput": wanted, "offers": [_offer(store, offer) for offer in offers]}]
                if offers and wanted in (ask.get("lowestPricedOffersInputs") or [])
                else []
            )
        if "referencePrices" in included:
            body["referencePrices"] = []
        responses.append({"status": {"statusCode": 200, "reasonPhrase": "Success"}, "body": body})
    return json_answer({"responses": responses})


def _price(amount: Decimal, store: Store) -> dict[str, Any]:
    return {"amount": number(amount), "currencyCode": store.market.currency}


def _terms(store: Store, offer: Offer) -> dict[str, Any]:
    body: dict[str, Any] = {
        "sellerId": offer.seller_id,
        "condition": "New",
        "fulfillmentType": offer.network,
        "listingPrice": _price(offer.price, store),
        "shippingOptions": [{"shippingOptionType": "DEFAULT", "price": _price(offer.shipping, store)}],
    }
    if offer.points:
        body["points"] = {
            "pointsNumber": int(offer.points),
            "pointsMonetaryValue": _price(offer.points, store),
        }
    return body


def _offer(store: Store, offer: Offer) -> dict[str, Any]:
    prime = "NATIONAL" if offer.network == "AFN" else "NONE"
    return {**_terms(store, offer), "subCondition": "New", "primeDetails": {"eligibility": prime}}


def _featured(store: Store, offers: tuple[Offer, ...]) -> list[dict[str, Any]]:
    segments = [
        {"customerMembership": "DEFAULT", "segmentDetails": {"glanceViewWeightPercentage": 100}},
    ]
    chosen = [
        {**_terms(store, offer), "featuredOfferSegments": segments} for offer in offers if offer.featured
    ]
    return [{"buyingOptionType": "New", "segmentedFeaturedOffers": chosen}] if chosen else []


def item_offers_batch(call: Call) -> Answer:
    """The twenty cheapest offers of up to twenty products, in the older shape."""
    responses = []
    for ask in _batch(call):
        parts = str(ask.get("uri", "")).strip("/").split("/")
        if (
            ask.get("method") != "GET"
            or parts[:4] != ["products", "pricing", "v0", "items"]
            or len(parts) != 6
        ):
            raise refuse(400, "InvalidInput", "uri or method is invalid.")
        store = call.store(str(ask.get("MarketplaceId")))
        product = _find(store, unquote(parts[4]))
        names = ["MarketplaceId", "ItemCondition", "CustomerType"]
        shown: dict[str, Any] = {key: ask[key] for key in names if key in ask}
        shown["Asin"] = unquote(parts[4])
        status: dict[str, Any]
        body: dict[str, Any]
        if product is None:
            error = {"code": "InvalidInput", "message": f"{parts[4]} is an invalid ASIN for marketplace"}
            status, body = {"statusCode": 400, "reasonPhrase": "Bad Request"}, {"errors": [error]}
        else:
            status, body = (
                {"statusCode": 200, "reasonPhrase": "OK"},
                {"payload": _old_offers(call, store, product)},
            )
        headers = {"x-amzn-RequestId": str(uuid.uuid4()), "Date": stamp(call.at)}
        responses.append({"headers": headers, "status": status, "request": shown, "body": body})
    return json_answer({"responses": responses})


def _old_price(amount: Decimal, store: Store) -> dict[str, Any]:
    return {"Amount": number(amount), "CurrencyCode": store.market.currency}


def _old_offers(call: Call, store: Store, product: Product) -> dict[str, Any]:
    offers = () if call.is_empty() else _offers(call, store, product)
    market = store.market.marketplace_id
    counts = [
        {
            "condition": "new",
            "fulfillmentChannel": channel,
            "OfferCount": sum(o.network == network for o in offers),
        }
        for channel, network in (("Amazon", "AFN"), ("Merchant", "MFN"))
    ]
    return {
        "marketplaceId": market,
        "ASIN": product.asin,
        "ItemCondition": "New",
        "status": "Success" if offers else "NoBuyableOffers",
        "Identifier": {"MarketplaceId": market, "ASIN": product.asin, "ItemCondition": "New"},
        "Summary": {"TotalOfferCount": len(offers), "NumberOfOffers": counts},
        "Offers": [_old_offer(store, offer) for offer in offers],
    }


def _old_offer(store: Store, offer: Offer) -> dict[str, Any]:
    body: dict[str, Any] = {
        "MyOffer": offer.own,
        "offerType": "B2C",
        "SubCondition": "new",
        "SellerId": offer.seller_id,
        "ShippingTime": {"minimumHours": 0, "maximumHours": 24, "availabilityType": "NOW"},
        "ListingPrice": _old_price(offer.price, store),
        "Shipping": _old_price(offer.shipping, store),
        "IsFulfilledByAmazon": offer.network == "AFN",
        "IsBuyBoxWinner": offer.featured,
        "IsFeaturedMerchant": True,
    }
    if offer.points:
        body["Points"] = {
            "PointsNumber": int(offer.points),
            "PointsMonetaryValue": _old_price(offer.points, store),
        }
    return body
