"""What many listings of a store cost, read set-wise: sheets, charges, advertising, returns, estimates.

The number of statements does not depend on the number of SKUs. Facts are read, never written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from config.lib.money import Money
from connectors.types import CostLine, StoreRef
from pricing.engine.landed import DAYS, FX_DAYS, Converter, Estimate, Measured, Sheet, StoreMeasured
from tenants.selectors.fx import fx_table

_SHEETS = """
SELECT w.sku, s.id, s.version, s.effective_on, s.recorded_at,
       array_agg(l.line ORDER BY l.id) FILTER (WHERE l.id IS NOT NULL),
       array_agg(l.amount ORDER BY l.id) FILTER (WHERE l.id IS NOT NULL),
       array_agg(l.currency ORDER BY l.id) FILTER (WHERE l.id IS NOT NULL)
FROM unnest(%(skus)s::text[], %(channels)s::text[]) AS w(sku, channel)
JOIN LATERAL (
  SELECT * FROM fact_cost_sheet c
  WHERE c.sku = w.sku AND c.market IN ('', %(market)s) AND c.channel IN ('', w.channel)
    AND c.effective_on <= %(on)s
  ORDER BY (c.market <> '') DESC, (c.channel <> '') DESC, c.effective_on DESC, c.version DESC LIMIT 1
) s ON true
LEFT JOIN fact_cost_line l ON l.sheet_id = s.id
GROUP BY w.sku, s.id, s.version, s.effective_on, s.recorded_at
"""

# One row per SKU, and one with the SKU "" for what was charged to the store as a whole.
_MEASURED = """
WITH sold AS (
  SELECT sku, sum(quantity) AS units, sum(quantity) FILTER (WHERE status = 'shipped') AS shipped,
         sum(gross_amount - tax_amount - discount_amount - points_amount) AS net,
         coalesce(sum(tax_amount) FILTER (WHERE tax_collector = 'seller'), 0) AS tax
  FROM fact_order_line WHERE store_id = %(store)s AND business_on BETWEEN %(first)s AND %(last)s
    AND status <> 'cancelled' AND NOT is_replacement GROUP BY sku
), charged AS (
  SELECT sku,
    -sum(amount) FILTER (WHERE kind = 'referral_fee') AS commission,
    -sum(amount) FILTER (WHERE kind = 'payment_fee') AS payment,
    -sum(amount) FILTER (WHERE kind = 'fulfilment_fee') AS fulfilment,
    -sum(amount) FILTER (WHERE kind IN ('storage_fee', 'aged_storage_fee')) AS storage,
    -sum(amount) FILTER (WHERE kind IN ('return_fee', 'refund_fee')) AS return_fees
  FROM fact_charge WHERE store_id = %(store)s AND currency = %(currency)s
    AND coalesce(cohort_on, business_on) BETWEEN %(first)s AND %(last)s GROUP BY sku
), advertised AS (
  SELECT sku, sum(cost_amount) AS amount, max(currency) AS currency, count(DISTINCT currency) AS currencies
  FROM fact_ad_day WHERE store_id = %(store)s AND business_on BETWEEN %(first)s AND %(last)s GROUP BY sku
), returned AS (
  SELECT sku, sum(quantity) AS units,
         coalesce(sum(quantity) FILTER (WHERE upper(disposition) <> 'SELLABLE'), 0) AS spoilt
  FROM fact_return WHERE store_id = %(store)s
    AND coalesce(cohort_on, business_on) BETWEEN %(first)s AND %(last)s GROUP BY sku
), known AS (
  SELECT sku FROM sold UNION SELECT sku FROM charged UNION SELECT sku FROM advertised
  UNION SELECT sku FROM returned
)
SELECT k.sku, coalesce(s.units, 0), coalesce(s.shipped, 0), coalesce(s.net, 0), coalesce(s.tax, 0),
       c.commission, c.payment, c.fulfilment, c.storage, c.return_fees,
       coalesce(r.units, 0), coalesce(r.spoilt, 0), a.amount, a.currency, coalesce(a.currencies, 0),
       sum(coalesce(s.units, 0)) OVER ()
FROM known k LEFT JOIN sold s USING (sku) LEFT JOIN charged c USING (sku)
  LEFT JOIN advertised a USING (sku) LEFT JOIN returned r USING (sku)
"""

_FEES = ("commission", "payment", "fulfilment", "storage", "return_fees")

_ESTIMATES = """
SELECT DISTINCT ON (sku) sku, estimated_on, currency, price_amount, referral_amount, fulfilment_amount,
       closing_amount, other_amount
FROM fact_fee_estimate WHERE store_id = %(store)s AND estimated_on <= %(last)s
ORDER BY sku, estimated_on DESC
"""


@dataclass(frozen=True, slots=True)
class CostFacts:
    """What is known of the costs of a store's SKUs on a day."""

    sheets: Mapping[str, Sheet]
    measured: Mapping[str, Measured]
    store: StoreMeasured
    estimates: Mapping[str, Estimate]
    convert: Converter


def read_cost_facts(
    *,
    store: StoreRef,
    channels: Mapping[str, str],
    on: date,
    sheets_on: date | None = None,
    back_to: date | None = None,
) -> CostFacts:
    """Read the costs of the SKUs that `channels` holds, each as sold through its sales channel.

    `sheets_on` is the day whose cost sheets are wanted where it is not `on`. `back_to` is the earliest day
    for which rates are wanted beside those of the FX buffer. Four statements.
    """
    parameters = {
        "store": store.id,
        "market": store.market,
        "currency": store.currency,
        "skus": list(channels),
        "channels": list(channels.values()),
        "on": sheets_on or on,
        "first": on - timedelta(days=DAYS - 1),
        "last": on,
    }
    sheets = {row[0]: _sheet(row) for row in _rows(_SHEETS, parameters)}
    measured, whole = _measured(_rows(_MEASURED, parameters))
    estimates = {row[0]: Estimate(*row[1:]) for row in _rows(_ESTIMATES, parameters)}
    earliest = min(on - timedelta(days=FX_DAYS), back_to or on)
    rates = fx_table(_currencies(store, sheets.values(), measured.values(), estimates.values()), earliest, on)
    return CostFacts(sheets, measured, whole, estimates, Converter(store.currency, on, rates))


def _sheet(row: tuple[Any, ...]) -> Sheet:
    _, sheet_id, version, effective_on, recorded_at, names, amounts, currencies = row
    lines = zip(names or (), amounts or (), currencies or (), strict=True)
    return Sheet(
        sheet_id,
        version,
        effective_on,
        recorded_at,
        {CostLine(name): Money(amount, currency) for name, amount, currency in lines},
    )


def _measured(rows: Iterable[tuple[Any, ...]]) -> tuple[dict[str, Measured], StoreMeasured]:
    found: dict[str, Measured] = {}
    units, storage = 0, None
    for sku, sold, shipped, net, tax, *fees, returned, spoilt, ads, currency, currencies, all_units in rows:
        units = int(all_units)
        measured = Measured(
            units=int(sold),
            shipped=int(shipped),
            net=net,
            tax=tax,
            **dict(zip(_FEES, fees, strict=True)),
            returned=int(returned),
            spoilt=int(spoilt),
            ads=ads,
            ads_currency=currency,
            ads_currencies=currencies,
        )
        if sku == "":
            storage = measured.storage
        found[sku] = measured
    return found, StoreMeasured(units, storage)


def _currencies(
    store: StoreRef, sheets: Iterable[Sheet], measured: Iterable[Measured], estimates: Iterable[Estimate]
) -> set[str]:
    return {
        store.currency,
        *(money.currency for sheet in sheets for money in sheet.lines.values()),
        *(each.ads_currency for each in measured if each.ads_currency),
        *(each.currency for each in estimates),
    }


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
