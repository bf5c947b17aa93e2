"""What a fee estimate says: referral, fulfilment, closing and other fees of one unit at one price."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.engine.protocol import StreamContext
from connectors.platforms.common.numbers import ZERO, json_decimal
from connectors.types import FeeEstimateRecord

_REFERRAL = {"ReferralFee"}
_CLOSING = {"VariableClosingFee", "FixedClosingFee", "PerItemFee"}


def fee_estimate(result: Mapping[str, Any], context: StreamContext) -> FeeEstimateRecord:
    """Map one result of getMyFeesEstimates; `ValueError` with Amazon's message when it could not estimate."""
    if result.get("Status") != "Success":
        error = result.get("Error") or {}
        raise ValueError(str(error.get("Message") or error.get("Code") or result.get("Status")))
    asked = result["FeesEstimateIdentifier"]
    estimate = result["FeesEstimate"]
    total = estimate["TotalFeesEstimate"]
    amounts = {"referral": ZERO, "fulfilment": ZERO, "closing": ZERO}
    for fee in estimate.get("FeeDetailList") or []:
        group = _group(str(fee["FeeType"]))
        if group:
            amounts[group] += _amount(fee["FinalFee"])
    sku = str(asked["IdValue"])
    by_sku = asked.get("IdType") == "SellerSKU"
    whole = _amount(total)
    return FeeEstimateRecord(
        sku=sku if by_sku else str(asked.get("SellerInputIdentifier") or sku),
        product_id=context.skus.get(sku, "") if by_sku else sku,
        estimated_on=context.today,
        currency=str(total["CurrencyCode"]),
        price_amount=_amount(asked["PriceToEstimateFees"]["ListingPrice"]),
        referral_amount=amounts["referral"],
        fulfilment_amount=amounts["fulfilment"],
        closing_amount=amounts["closing"],
        # What Amazon counts into the total without naming it is a fee all the same.
        other_amount=whole - sum(amounts.values(), ZERO),
        total_amount=whole,
        source_updated_at=context.now,
    )


def _group(fee_type: str) -> str:
    if fee_type in _REFERRAL:
        return "referral"
    if fee_type in _CLOSING:
        return "closing"
    return "fulfilment" if fee_type.startswith("FBA") else ""


def _amount(money: Mapping[str, Any]) -> Decimal:
    return json_decimal(money["Amount"])
