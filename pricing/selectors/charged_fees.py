"""What a store was really charged per SKU, and what the platform itself estimates: the first two truths."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

DAYS = 30
# An order's fees are posted when it ships, which may be weeks after it was placed.
_ORDER_DAYS = 90

_CHARGED = """
WITH charged AS (
  SELECT platform_order_id, sku, max(business_on) AS posted_on,
         -sum(amount) FILTER (WHERE kind = 'referral_fee') AS referral,
         -sum(amount) FILTER (WHERE kind = 'fulfilment_fee') AS fulfilment,
         -sum(amount) FILTER (WHERE kind = 'payment_fee') AS payment
  FROM fact_charge
  WHERE store_id = %(store)s AND business_on BETWEEN %(first)s AND %(last)s AND amount < 0
    AND kind IN ('referral_fee', 'fulfilment_fee', 'payment_fee')
    AND sku <> '' AND platform_order_id <> '' AND (%(skus)s::text[] IS NULL OR sku = ANY(%(skus)s))
  GROUP BY platform_order_id, sku
), sold AS (
  SELECT platform_order_id, sku, sum(quantity) AS units, min(currency) AS currency,
         sum((gross_amount - tax_amount - discount_amount)
             * CASE WHEN tax_collector = 'seller' AND gross_amount > tax_amount
                    THEN gross_amount / (gross_amount - tax_amount) ELSE 1 END) AS base
  FROM fact_order_line
  WHERE store_id = %(store)s AND business_on BETWEEN %(ordered)s AND %(last)s
    AND status <> 'cancelled' AND NOT is_replacement
    AND (%(skus)s::text[] IS NULL OR sku = ANY(%(skus)s))
  GROUP BY platform_order_id, sku
)
SELECT sku, min(currency), sum(units),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY round(referral / nullif(base, 0), 6)),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY round(fulfilment / units, 4)),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY round(payment / nullif(base, 0), 6)),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY round(base / units, 4)), max(posted_on)
FROM charged JOIN sold USING (platform_order_id, sku)
WHERE units > 0
GROUP BY sku
"""

_ESTIMATED = """
SELECT DISTINCT ON (sku) sku, currency, price_amount, referral_amount, fulfilment_amount, closing_amount,
       other_amount, estimated_on
FROM fact_fee_estimate
WHERE store_id = %(store)s AND estimated_on <= %(last)s
  AND (%(skus)s::text[] IS NULL OR sku = ANY(%(skus)s))
ORDER BY sku, estimated_on DESC
"""


@dataclass(frozen=True, slots=True)
class ChargedFees:
    """What orders of a SKU were charged within the window: medians over orders, of observed values.

    Rates are shares of what the buyer paid for the goods (with tax where the price contains it, after
    discounts, without shipping); `fulfilment_amount` is per unit as charged. None: nothing of the kind was
    charged. `price` is the median price of these orders. `units` were sold by them, the last posted on
    `as_of`.
    """

    sku: str
    currency: str
    units: int
    referral_rate: Decimal | None
    fulfilment_amount: Decimal | None
    payment_rate: Decimal | None
    price: Decimal | None
    first: date
    last: date
    as_of: date


@dataclass(frozen=True, slots=True)
class EstimatedFees:
    """What the platform last said that selling one unit at `price` costs; amounts as quoted, per unit."""

    sku: str
    currency: str
    price: Decimal
    referral_amount: Decimal
    fulfilment_amount: Decimal
    closing_amount: Decimal
    other_amount: Decimal
    as_of: date

    @property
    def referral_rate(self) -> Decimal | None:
        """The referral fee as a share of the price it was estimated at."""
        return self.referral_amount / self.price if self.price else None


def charged_rates(store_id: int, skus: Collection[str] | None, on: date) -> dict[str, ChargedFees]:
    """Return by SKU what was charged in the 30 shop days up to `on`; SKUs without a charge are left out.

    `skus` None means all. An order counts when its fees were posted within the window.
    """
    first = on - timedelta(days=DAYS - 1)
    rows = _rows(
        _CHARGED,
        {
            "store": store_id,
            "skus": _listed(skus),
            "first": first,
            "last": on,
            "ordered": first - timedelta(days=_ORDER_DAYS),
        },
    )
    return {
        sku: ChargedFees(sku, currency, int(units), referral, fulfilment, payment, price, first, on, as_of)
        for sku, currency, units, referral, fulfilment, payment, price, as_of in rows
    }


def estimated_fees(store_id: int, skus: Collection[str] | None, on: date) -> dict[str, EstimatedFees]:
    """Return by SKU the platform's last estimate up to `on`; `skus` None means all."""
    rows = _rows(_ESTIMATED, {"store": store_id, "skus": _listed(skus), "last": on})
    return {row[0]: EstimatedFees(*row) for row in rows}


def _listed(skus: Collection[str] | None) -> list[str] | None:
    return None if skus is None else sorted(skus)


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
