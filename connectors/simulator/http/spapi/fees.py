"""Product fees v0: what selling one unit at a price would cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.simulator.http.calls import Call
from connectors.simulator.http.messages import Answer, json_answer, number, refuse
from connectors.simulator.world.model import Product, Store


def estimates(call: Call) -> Answer:
    """Estimates for up to twenty products; an unknown one answers with an error of its own."""
    call.check(frozenset())
    asks = call.request.json()
    if not isinstance(asks, list) or not 1 <= len(asks) <= 20:
        raise refuse(400, "InvalidInput", "1 to 20 requests are allowed.")
    return json_answer([_estimate(call, ask) for ask in asks])


def _estimate(call: Call, ask: dict[str, Any]) -> dict[str, Any]:
    wanted = ask.get("FeesEstimateRequest")
    if (
        not isinstance(wanted, dict)
        or ask.get("IdType") not in ("ASIN", "SellerSKU")
        or not ask.get("IdValue")
    ):
        raise refuse(400, "InvalidInput", "IdType, IdValue and FeesEstimateRequest are required.")
    store = call.store(str(wanted.get("MarketplaceId")))
    price = wanted.get("PriceToEstimateFees", {}).get("ListingPrice", {})
    if not wanted.get("Identifier") or price.get("CurrencyCode") != store.market.currency:
        raise refuse(400, "InvalidInput", "Identifier or the price's currency is invalid.")
    identifier = {
        "MarketplaceId": store.market.marketplace_id,
        "IdType": ask["IdType"],
        "SellerId": store.seller_id,
        "SellerInputIdentifier": wanted["Identifier"],
        "IsAmazonFulfilled": bool(wanted.get("IsAmazonFulfilled")),
        "IdValue": ask["IdValue"],
        "PriceToEstimateFees": wanted["PriceToEstimateFees"],
    }
    product = next((p for p in store.products if ask["IdValue"] in (p.sku, p.asin)), None)
    if product is None:
        error = {
            "Type": "Sender",
            "Code": "InvalidParameterValue",
            "Message": "There is an client-side error. Please verify your inputs.",
            "Detail": [],
        }
        return {"Status": "ClientError", "FeesEstimateIdentifier": identifier, "Error": error}
    fees = _fees(call, store, product, Decimal(str(price.get("Amount"))), identifier["IsAmazonFulfilled"])
    return {"Status": "Success", "FeesEstimateIdentifier": identifier, "FeesEstimate": fees}


def _fees(call: Call, store: Store, product: Product, price: Decimal, by_amazon: bool) -> dict[str, Any]:
    referral, fulfilment = call.parts.world.estimated_fees(store, product, price, store.today(call.at))
    if not by_amazon:
        fulfilment = Decimal(0)
    day = store.today(call.at)
    call.parts.record.serve(
        store.key, "fee_estimates", [(f"{day}|{product.sku}", f"{referral}|{fulfilment}")]
    )
    details = [
        _detail(store, "ReferralFee", referral),
        _detail(store, "VariableClosingFee", Decimal(0)),
        _detail(store, "PerItemFee", Decimal(0)),
        {
            **_detail(store, "FBAFees", fulfilment),
            "IncludedFeeDetailList": [_detail(store, "FBAPickAndPack", fulfilment)],
        },
    ]
    return {
        "TimeOfFeesEstimation": call.at.strftime("%a %b %d %H:%M:%S UTC %Y"),
        "TotalFeesEstimate": _money(store, referral + fulfilment),
        "FeeDetailList": details,
    }


def _money(store: Store, amount: Decimal) -> dict[str, Any]:
    return {"CurrencyCode": store.market.currency, "Amount": number(amount)}


def _detail(store: Store, name: str, amount: Decimal) -> dict[str, Any]:
    return {
        "FeeType": name,
        "FeeAmount": _money(store, amount),
        "FeePromotion": _money(store, Decimal(0)),
        "FinalFee": _money(store, amount),
    }
