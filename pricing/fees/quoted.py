"""What a quote comes to at a price, in the platform's own quoting basis: the basis in which it charges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from pricing.engine.contribution import evaluate
from pricing.fees.query import FeeLine
from pricing.structure import CostStructure, Fee, FeeTax

LINES: Mapping[str, FeeLine] = {
    "referral": FeeLine.REFERRAL,
    "commission": FeeLine.REFERRAL,
    "fvf": FeeLine.REFERRAL,
    "system": FeeLine.REFERRAL,
    "royalty": FeeLine.REFERRAL,
    "fba": FeeLine.FULFILMENT,
    "fuel_surcharge": FeeLine.FULFILMENT,
    "low_inventory": FeeLine.FULFILMENT,
    "wfs": FeeLine.FULFILMENT,
    "fbt": FeeLine.FULFILMENT,
    "fixed_or_ship": FeeLine.FULFILMENT,
    "payment": FeeLine.PAYMENT,
    "payment_fixed": FeeLine.PAYMENT,
    "pay": FeeLine.PAYMENT,
}


def quoted_amounts(
    fees: Iterable[Fee], price: Decimal, *, currency: str, billing_unit: Decimal
) -> dict[FeeLine, Decimal]:
    """Return what the fees of each line come to at a price, as quoted: tax in the quote stays in it."""
    structure = CostStructure(
        currency=currency,
        tax_rate=Decimal(0),
        tick=billing_unit,
        billing_unit=billing_unit,
        highest=price,
        fees=tuple(replace(fee, tax=FeeTax.EX) for fee in fees),
    )
    found: dict[FeeLine, Decimal] = {}
    for name, amount in evaluate(structure, price).fees:
        line = LINES.get(name)
        if line is not None:
            found[line] = found.get(line, Decimal(0)) + amount
    return found
