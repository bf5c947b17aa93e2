"""Whose tax is in a price, market by market, and what of a line is ex tax."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from config.lib.money import quantise
from connectors.platforms.common.numbers import ZERO
from connectors.types import TaxCollector


@dataclass(frozen=True, slots=True)
class TaxRule:
    """How a market prices: `inclusive` prices hold the tax; `rate` fills in a tax the report leaves empty."""

    inclusive: bool
    rate: Decimal
    collector: TaxCollector


# The United States and Canada add tax, which Amazon collects and remits as marketplace facilitator; Japan
# (consumption tax) and Mexico (IVA) show prices with the tax, which the seller owes.
RULES = {
    "US": TaxRule(False, ZERO, TaxCollector.PLATFORM),
    "CA": TaxRule(False, ZERO, TaxCollector.PLATFORM),
    "JP": TaxRule(True, Decimal("0.10"), TaxCollector.SELLER),
    "MX": TaxRule(True, Decimal("0.16"), TaxCollector.SELLER),
}


def rule_of(market: str) -> TaxRule:
    """Return the tax rule of a market; `KeyError` for a market that no marketplace of ours has."""
    return RULES[market]


class LineAmounts(NamedTuple):
    """The amounts of an order line as `OrderLineRecord` means them."""

    gross: Decimal
    tax: Decimal
    shipping: Decimal
    shipping_tax: Decimal
    discount: Decimal


def included_tax(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Return the tax inside an amount: amount × r / (1 + r), half up to the currency's decimals."""
    return quantise(amount * rate / (1 + rate), currency)


def ex_tax_share(amount: Decimal, gross: Decimal, tax: Decimal, currency: str) -> Decimal:
    """Return what of an amount is ex tax when tax is in it as it is in the line: amount × (1 − tax/gross)."""
    if not amount or not gross:
        return amount
    return quantise(amount * (gross - tax) / gross, currency)


def line_amounts(
    rule: TaxRule,
    currency: str,
    price: Decimal,
    tax: Decimal | None,
    shipping: Decimal,
    shipping_tax: Decimal | None,
    discount: Decimal,
) -> LineAmounts:
    """Turn what Amazon reports for a line into gross, tax and ex-tax discount.

    `tax`/`shipping_tax` None means the report leaves it empty: the market's rate fills it in where prices
    hold the tax. `discount` is positive and, in such a market, still holds its tax.
    """
    if not rule.inclusive:
        tax, shipping_tax = tax or ZERO, shipping_tax or ZERO
        return LineAmounts(price + tax, tax, shipping + shipping_tax, shipping_tax, discount)
    if tax is None:
        tax = included_tax(price, rule.rate, currency)
    if shipping_tax is None:
        shipping_tax = included_tax(shipping, rule.rate, currency) if shipping else ZERO
    discount = ex_tax_share(discount, price, tax, currency) if discount else ZERO
    return LineAmounts(price, tax, shipping, shipping_tax, discount)
