"""What one unit costs altogether until it is sold: the sheet's lines, and what the platform's charges show.

Order of truth per line: what the client stated (the cost sheet in force), what was charged over the last 30
shop days, the platform's own estimate, a share of what the whole store was charged. Nothing is made up: a
line nobody knows is named as missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from config.lib.errors import NotFound
from config.lib.fx import FXRateMissing, FXTable
from config.lib.money import Money
from connectors.selectors.costs import find_sheet_in_force
from connectors.types import LANDED_LINES, CostLine, StoreRef
from connectors.values import CostConfidence, CostSheetView, LandedCost, LandedLine
from tenants.selectors.fx import fx_table

DAYS = 30
# How far a purchase currency went against the store's within 30 days, the worst of the last 90.
FX_DAYS = 90
_STEP = Decimal("0.0001")

_MEASURED = """
WITH sold AS (
  SELECT coalesce(sum(quantity) FILTER (WHERE sku = %(sku)s), 0) AS own, coalesce(sum(quantity), 0) AS whole,
         coalesce(sum(tax_amount) FILTER (WHERE sku = %(sku)s AND tax_collector = 'seller'), 0) AS tax
  FROM fact_order_line WHERE store_id = %(store)s AND business_on BETWEEN %(first)s AND %(last)s
    AND status <> 'cancelled' AND NOT is_replacement
), charged AS (
  SELECT
    -sum(amount) FILTER (WHERE sku = %(sku)s AND kind = 'referral_fee') AS commission,
    -sum(amount) FILTER (WHERE sku = %(sku)s AND kind = 'payment_fee') AS payment,
    -sum(amount) FILTER (WHERE sku = %(sku)s AND kind = 'fulfilment_fee') AS fulfilment,
    -sum(amount) FILTER (WHERE sku = %(sku)s AND kind IN ('storage_fee', 'aged_storage_fee')) AS storage,
    -sum(amount) FILTER (WHERE sku = '' AND kind IN ('storage_fee', 'aged_storage_fee')) AS storage_whole,
    -sum(amount) FILTER (WHERE sku = %(sku)s AND kind IN ('return_fee', 'refund_fee')) AS return_fees
  FROM fact_charge
  WHERE store_id = %(store)s AND currency = %(currency)s
    AND coalesce(cohort_on, business_on) BETWEEN %(first)s AND %(last)s
), advertised AS (
  SELECT sum(cost_amount) AS amount, max(currency) AS currency, count(DISTINCT currency) AS currencies
  FROM fact_ad_day WHERE store_id = %(store)s AND sku = %(sku)s
    AND business_on BETWEEN %(first)s AND %(last)s
), spoilt AS (
  SELECT coalesce(sum(quantity), 0) AS units FROM fact_return
  WHERE store_id = %(store)s AND sku = %(sku)s AND upper(disposition) <> 'SELLABLE'
    AND coalesce(cohort_on, business_on) BETWEEN %(first)s AND %(last)s
)
SELECT sold.own, sold.whole, sold.tax, charged.commission, charged.payment, charged.fulfilment,
       charged.storage, charged.storage_whole, charged.return_fees,
       advertised.amount, advertised.currency, coalesce(advertised.currencies, 0), spoilt.units
FROM sold, charged, advertised, spoilt
"""

_ESTIMATE = """
SELECT currency, referral_amount + closing_amount, fulfilment_amount, estimated_on FROM fact_fee_estimate
WHERE store_id = %(store)s AND sku = %(sku)s AND estimated_on <= %(last)s ORDER BY estimated_on DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class _Measured:
    """What was sold and charged in the window, in the store's currency (ads in their own)."""

    units: int
    units_of_store: int
    tax: Decimal
    commission: Decimal | None
    payment: Decimal | None
    fulfilment: Decimal | None
    storage: Decimal | None
    storage_of_store: Decimal | None
    return_fees: Decimal | None
    ads: Decimal | None
    ads_currency: str | None
    ads_currencies: int
    spoilt_units: int


def get_landed_cost(*, store: StoreRef, sku: str, channel: str, on: date) -> LandedCost:
    """Return every cost line of one unit of `sku` sold in `store` through `channel` on a shop day.

    `NotFound` when the store neither sold the SKU in the 30 days up to `on` nor has a cost sheet for it.
    """
    sheet = find_sheet_in_force(sku=sku, market=store.market, channel=channel, on=on)
    first = on - timedelta(days=DAYS - 1)
    found = _measure(store, sku, first, on)
    if sheet is None and not found.units:
        raise NotFound(f"store {store.id} knows no cost of {sku}", remedy="Check the SKU, or record a sheet.")
    writer = _Writer(store, on, _rates(store, sheet, found, on))
    writer.sheet_lines(sheet)
    window = f"{first.isoformat()} to {on.isoformat()}, {found.units} units"
    _platform_lines(writer, store, sku, found, window, on)
    _loss_lines(writer, sheet, found, window)
    writer.fx_buffer(sheet)
    return writer.result(sku, channel)


def _platform_lines(
    writer: _Writer, store: StoreRef, sku: str, found: _Measured, window: str, on: date
) -> None:
    estimate = _estimate(store, sku, on)
    for line, charged, estimated in (
        ("commission", found.commission, estimate and Money(estimate[1], estimate[0])),
        ("fulfilment", found.fulfilment, estimate and Money(estimate[2], estimate[0])),
    ):
        if charged is not None and found.units:
            amount = Money(charged / found.units, store.currency)
            writer.add(line, amount, f"charged {window}", CostConfidence.CHARGED)
        elif estimate is not None and estimated:
            writer.add(line, estimated, f"platform's estimate of {estimate[3]}", CostConfidence.ESTIMATED)
        else:
            writer.unknown(line)
    writer.per_unit(
        "payment_fee", found.payment or Decimal(0), found.units, f"charged {window}", CostConfidence.CHARGED
    )
    if found.storage is not None:
        writer.per_unit("storage", found.storage, found.units, f"charged {window}", CostConfidence.CHARGED)
    elif found.storage_of_store is not None:
        source = f"share of the store's {found.units_of_store} units"
        writer.per_unit(
            "storage", found.storage_of_store, found.units_of_store, source, CostConfidence.ALLOCATED
        )
    else:
        writer.unknown("storage")


def _loss_lines(writer: _Writer, sheet: CostSheetView | None, found: _Measured, window: str) -> None:
    if found.ads_currencies > 1:
        writer.unknown("advertising")
    elif found.units:
        currency = found.ads_currency or writer.currency
        spent = Money((found.ads or Decimal(0)) / found.units, currency)
        writer.add("advertising", spent, f"spent {window}", CostConfidence.MEASURED)
    else:
        writer.unknown("advertising")
    lost = Decimal(found.spoilt_units) * writer.landed(sheet)
    writer.per_unit(
        "returns",
        (found.return_fees or Decimal(0)) + lost,
        found.units,
        f"fees and {found.spoilt_units} units not to be sold again, {window}",
        CostConfidence.MEASURED,
    )
    writer.per_unit("tax_in_price", found.tax, found.units, f"collected {window}", CostConfidence.MEASURED)


class _Writer:
    """Collects lines, converting each by the last rate on or before the day."""

    def __init__(self, store: StoreRef, on: date, rates: FXTable) -> None:
        self.currency = store.currency
        self._on = on
        self._rates = rates
        self._lines: list[LandedLine] = []

    def sheet_lines(self, sheet: CostSheetView | None) -> None:
        for line in CostLine:
            amount = sheet.lines.get(line) if sheet else None
            if sheet is None or amount is None:
                self.unknown(line.value)
                continue
            source = f"cost sheet {sheet.id}, version {sheet.version}, from {sheet.effective_on}"
            self.add(line.value, amount, source, CostConfidence.STATED)

    def per_unit(
        self, line: str, amount: Decimal, units: int, source: str, confidence: CostConfidence
    ) -> None:
        if not units:
            self.unknown(line)
            return
        self.add(line, Money(amount / units, self.currency), source, confidence)

    def add(self, line: str, amount: Money, source: str, confidence: CostConfidence) -> None:
        rounded = Money(amount.amount.quantize(_STEP, rounding=ROUND_HALF_UP), amount.currency)
        try:
            rate, rate_on = self._rates.rate(amount.currency, self.currency, self._on)
        except FXRateMissing:
            self._lines.append(LandedLine(line, rounded, None, None, None, source, confidence))
            return
        own = Money((amount.amount * rate).quantize(_STEP, rounding=ROUND_HALF_UP), self.currency)
        self._lines.append(LandedLine(line, rounded, own, rate, rate_on, source, confidence))

    def unknown(self, line: str) -> None:
        self._lines.append(LandedLine(line, None, None, None, None, "", CostConfidence.UNKNOWN))

    def landed(self, sheet: CostSheetView | None) -> Decimal:
        """What one unit cost until it lay in the warehouse, in the store's currency; 0 while unknown."""
        lines = {line.value for line in LANDED_LINES}
        return sum(
            (each.converted.amount for each in self._lines if each.line in lines and each.converted),
            Decimal(0),
        )

    def fx_buffer(self, sheet: CostSheetView | None) -> None:
        """What the foreign parts of the sheet may become dearer by the worst 30 days of the last 90."""
        if sheet is None:
            self.unknown("fx_buffer")
            return
        total = Decimal(0)
        for money in sheet.lines.values():
            if money.currency == self.currency:
                continue
            worst = self._worst_move(money.currency)
            if worst is None:
                self.unknown("fx_buffer")
                return
            rate, _ = self._rates.rate(money.currency, self.currency, self._on)
            total += money.amount * rate * worst
        self.add(
            "fx_buffer",
            Money(total, self.currency),
            f"worst 30 days of the last {FX_DAYS}",
            CostConfidence.MEASURED,
        )

    def _worst_move(self, currency: str) -> Decimal | None:
        worst = Decimal(0)
        try:
            for back in range(FX_DAYS - DAYS + 1):
                end = self._on - timedelta(days=back)
                now, _ = self._rates.rate(currency, self.currency, end)
                before, _ = self._rates.rate(currency, self.currency, end - timedelta(days=DAYS))
                worst = max(worst, now / before - 1)
        except FXRateMissing:
            return None
        return worst

    def result(self, sku: str, channel: str) -> LandedCost:
        known = [each.converted.amount for each in self._lines if each.converted is not None]
        return LandedCost(
            sku,
            channel,
            self._on,
            tuple(self._lines),
            Money(sum(known, Decimal(0)), self.currency),
            tuple(each.line for each in self._lines if each.converted is None),
        )


def _measure(store: StoreRef, sku: str, first: date, last: date) -> _Measured:
    with connection.cursor() as cursor:
        cursor.execute(
            _MEASURED,
            {"store": store.id, "sku": sku, "currency": store.currency, "first": first, "last": last},
        )
        row = cursor.fetchone()
    return _Measured(*row)


def _estimate(store: StoreRef, sku: str, last: date) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(_ESTIMATE, {"store": store.id, "sku": sku, "last": last})
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found


def _rates(store: StoreRef, sheet: CostSheetView | None, found: _Measured, on: date) -> FXTable:
    currencies = (
        {store.currency, *(money.currency for money in sheet.lines.values())} if sheet else {store.currency}
    )
    if found.ads_currency:
        currencies.add(found.ads_currency)
    return fx_table(currencies, on - timedelta(days=FX_DAYS), on)
