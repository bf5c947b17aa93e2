"""How parameters, quotes and overrides of fees are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from config.lib.money import Money, exponent
from pricing.api.boundary import bounded
from pricing.engine.contribution import evaluate
from pricing.fees.query import FeeQuery, FeeQuote
from pricing.fees.values import RateTiers, describe, percent
from pricing.selectors.fee_overrides import ANY_STORE
from pricing.selectors.fee_parameters import ParameterView
from pricing.structure import BandFee, CostStructure, Fee, FeeTax, FixedFee, RateFee


def parameter_body(view: ParameterView) -> dict[str, Any]:
    """A parameter as it is shown."""
    each = view.parameter
    history = zip(each.values.since, each.values.values, strict=True)
    return bounded(
        {
            "key": each.key,
            "market": each.market,
            "platform": each.platform,
            "topic": each.topic,
            "description": each.description,
            "note": each.note,
            "unit": each.unit.key,
            "unit_meaning": each.unit.meaning,
            "value": view.value,
            "in_force_since": view.in_force_since,
            "next_on": view.next_on,
            "next_value": view.next_value,
            "history": [{"since": since, "value": each.text(value)} for since, value in history],
            "reference": each.reference,
            "confidence": each.confidence.value,
            "checked_on": each.checked_on,
            "warnings": list(view.warnings),
        }
    )


def quote_body(query: FeeQuery, quote: FeeQuote, price: Decimal | None) -> dict[str, Any]:
    """A quote as it is shown, with what each fee comes to at a price."""
    amounts = _amounts(quote, price)
    return bounded(
        {
            "market": query.market,
            "platform": query.platform,
            "on": query.on,
            "currency": quote.currency,
            "tax_rate": format(quote.tax_rate, "f"),
            "size_tier": quote.size_tier,
            "fees": [_fee(fee, quote.currency, amounts.get(fee.name)) for fee in quote.fees],
            "costs": [_cost(cost.name, cost.amount, quote.currency) for cost in quote.costs],
            "monthly": [_cost(name, amount, quote.currency) for name, amount in quote.monthly],
            "withholding": [{"name": name, "rate": format(rate, "f")} for name, rate in quote.withholding],
            "uses": [asdict(use) for use in quote.uses],
            "missing": [asdict(gap) for gap in quote.gaps],
            "warnings": sorted({warning for use in quote.uses for warning in use.warnings}),
        }
    )


def override_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A version of an override as it is shown; no store means any."""
    store = row["store_id"]
    return bounded({**row, "store_id": None if store == ANY_STORE else store})


def _amounts(quote: FeeQuote, price: Decimal | None) -> dict[str, Decimal]:
    if price is None:
        return {}
    unit = Decimal(1).scaleb(-exponent(quote.currency))
    quoted = tuple(replace(fee, tax=FeeTax.EX) for fee in quote.fees)
    structure = CostStructure(quote.currency, quote.tax_rate, unit, unit, price, quoted)
    return dict(evaluate(structure, price).fees)


def _fee(fee: Fee, currency: str, amount: Decimal | None) -> dict[str, Any]:
    return {
        "name": fee.name,
        "kind": type(fee).__name__.removesuffix("Fee").lower(),
        "text": _text(fee),
        "tax": fee.tax.value,
        "amount": None if amount is None else Money(amount, currency).to_json(),
    }


def _text(fee: Fee) -> str:
    if isinstance(fee, RateFee):
        return describe(RateTiers(fee.mode, fee.tiers, fee.minimum), is_share=True)
    if isinstance(fee, BandFee):
        return describe(fee.bands, is_share=False)
    if isinstance(fee, FixedFee):
        return describe(fee.amount, is_share=False)
    return f"{percent(fee.rate)} of {fee.of}"


def _cost(name: str, amount: Decimal, currency: str) -> dict[str, Any]:
    return {"name": name, "amount": Money(amount, currency).to_json()}
