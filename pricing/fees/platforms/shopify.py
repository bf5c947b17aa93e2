"""An own shop on Shopify: payments by plan and method; nothing of them comes back on a refund."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pricing.fees.draft import Draft
from pricing.fees.parameters import PARAMETERS
from pricing.fees.payment import add_payment
from pricing.fees.query import FeeLine, Programme

OWN = "shopify_payments"


def quote(draft: Draft) -> None:
    """Fill the quote of a listing in an own shop."""
    query, reader = draft.query, draft.reader
    market, plan = query.market.lower(), query.plan or "basic"

    def keys(method: str) -> tuple[str, str]:
        prefix = f"{market}.shopify.payments.{plan}" if method == OWN else f"{market}.payment.{method}"
        fixed = f"{prefix}.fixed"
        return f"{prefix}.rate", fixed if fixed in PARAMETERS else ""

    add_payment(draft, keys, OWN)
    extras = {
        Programme.INTERNATIONAL: ("international_card", f"{market}.shopify.international_card"),
        Programme.CURRENCY_CONVERSION: ("conversion", f"{market}.shopify.currency_conversion"),
        Programme.THIRD_PARTY_GATEWAY: ("gateway", f"{market}.shopify.third_party_gateway.{plan}"),
    }
    for programme, (name, key) in extras.items():
        if programme in query.programmes and reader.wants(FeeLine.PAYMENT):
            rate = reader.number(FeeLine.PAYMENT, key) or Decimal(0)
            if rate:
                draft.fees.append(replace(reader.flat_fee(name, rate), is_refundable=False))
