"""Where a store's charges, the platform's estimates and the tables do not agree, in money per month."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal

from pricing.engine.divergence import Divergence, Readings, compare
from pricing.fees.query import FeeLine, FeeQuote
from pricing.fees.quoted import quoted_amounts
from pricing.selectors.charged_fees import ChargedFees, EstimatedFees, charged_rates, estimated_fees
from pricing.selectors.fee_overrides import load_overrides
from pricing.selectors.listing_fees import ListingFees, load_listing_fees
from pricing.types import Truth

_LINES = (FeeLine.REFERRAL, FeeLine.FULFILMENT, FeeLine.PAYMENT)


def find_divergences(store_id: int, on: date, skus: Collection[str] | None = None) -> list[Divergence]:
    """Return every pair of sources out of line in the 30 shop days up to `on`, the largest exposure first.

    Amounts are in the store's currency and in the basis the platform quotes in. `NotFound` for an unknown
    store. A line the tables cannot quote is compared between the other sources only.
    """
    fees, stated = load_listing_fees(store_id, skus, on), load_overrides(store_id, on)
    charged, estimated = charged_rates(store_id, skus, on), estimated_fees(store_id, skus, on)
    readings: list[Readings] = []
    for sku in sorted(charged.keys() | estimated.keys()):
        quote = fees.quote(sku, on, stated)
        readings.extend(_readings(fees, quote, sku, charged.get(sku), estimated.get(sku)))
    return compare(readings)


def _readings(
    fees: ListingFees,
    quote: FeeQuote,
    sku: str,
    charged: ChargedFees | None,
    estimated: EstimatedFees | None,
) -> Iterator[Readings]:
    price = (charged.price if charged else None) or (estimated.price if estimated else None)
    if not price or price <= 0:
        return
    table = quoted_amounts(quote.fees, price, currency=quote.currency, billing_unit=fees.billing_unit)
    incomplete = {gap.line for gap in quote.gaps}
    for line in _LINES:
        found: list[tuple[Truth, Decimal]] = []
        if charged is not None and (amount := _charged(charged, line, price)) is not None:
            found.append((Truth.CHARGED, amount))
        if estimated is not None and (amount := _estimated(estimated, line, price)) is not None:
            found.append((Truth.ESTIMATED, amount))
        if line in table and line not in incomplete:
            found.append((Truth.TABLE, table[line]))
        yield Readings(
            sku=sku,
            line=line.value,
            is_share=line is not FeeLine.FULFILMENT,
            price=price,
            net_price=price / (1 + quote.tax_rate),
            units=charged.units if charged else 0,
            by_truth=tuple(found),
        )


def _charged(charged: ChargedFees, line: FeeLine, price: Decimal) -> Decimal | None:
    if line is FeeLine.FULFILMENT:
        return charged.fulfilment_amount
    rate = charged.referral_rate if line is FeeLine.REFERRAL else charged.payment_rate
    return None if rate is None else rate * price


def _estimated(estimated: EstimatedFees, line: FeeLine, price: Decimal) -> Decimal | None:
    """A platform that ships nothing estimates no fulfilment, which says nothing of what it would cost."""
    if line is FeeLine.FULFILMENT:
        return estimated.fulfilment_amount or None
    if line is FeeLine.REFERRAL and estimated.referral_rate is not None:
        return estimated.referral_rate * price
    return None
