"""What one unit costs before and beside the platform's fees, line by line, in the store's currency.

The same lines by the same order of truth as `connectors.selectors.landed_costs`, made of facts that were read
for many listings at once. Amounts are rounded to four decimals, half up, like the facts they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from config.lib.fx import FXRateMissing, FXRateStale, FXTable
from config.lib.money import Money
from connectors.types import LANDED_LINES, CostLine

ZERO = Decimal(0)
DAYS = 30
FX_DAYS = 90
_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A cost sheet in force: what a unit costs by line, each in its own currency."""

    id: int
    version: int
    effective_on: date
    recorded_at: datetime
    lines: Mapping[CostLine, Money]

    @property
    def source(self) -> str:
        """The sheet as lines name it."""
        return f"cost sheet {self.id}, version {self.version}, from {self.effective_on}"

    @property
    def stated_at(self) -> datetime:
        """When somebody last vouched for it: when it was recorded, or began if that was later."""
        began = datetime.combine(self.effective_on, datetime.min.time(), tzinfo=self.recorded_at.tzinfo)
        return max(self.recorded_at, began)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was sold of a SKU and charged for it in 30 shop days; amounts in the store's currency, ads in
    theirs. None: no such charge was seen. `net` is what was sold, ex tax, less discounts and points."""

    units: int = 0
    shipped: int = 0
    net: Decimal = ZERO
    tax: Decimal = ZERO
    commission: Decimal | None = None
    payment: Decimal | None = None
    fulfilment: Decimal | None = None
    storage: Decimal | None = None
    return_fees: Decimal | None = None
    returned: int = 0
    spoilt: int = 0
    ads: Decimal | None = None
    ads_currency: str | None = None
    ads_currencies: int = 0


@dataclass(frozen=True, slots=True)
class StoreMeasured:
    """What was sold and charged in the whole store: what unnamed charges are shared out by."""

    units: int = 0
    storage: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the platform estimates selling one unit costs at a price."""

    estimated_on: date
    currency: str
    price: Decimal
    referral: Decimal
    fulfilment: Decimal
    closing: Decimal
    other: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its amount in its own currency and in the store's; None where it is not known.

    `rate` and `rate_on` are those of the conversion, `source` says where the amount comes from and
    `confidence` how sure it is, in the words of `connectors.values.CostConfidence`.
    """

    name: str
    amount: Decimal | None
    currency: str
    own: Decimal | None
    rate: Decimal | None
    rate_on: date | None
    source: str
    confidence: str


@dataclass(slots=True)
class Converter:
    """Converts into the store's currency on a day, each rate looked up once."""

    currency: str
    on: date
    rates: FXTable
    _known: dict[tuple[str, date], tuple[Decimal, date] | None] = field(default_factory=dict)
    _worst: dict[str, Decimal | None] = field(default_factory=dict)

    def rate(self, currency: str, on: date | None = None) -> tuple[Decimal, date] | None:
        """The rate of a currency and its day; None where none is known or the last one is too old."""
        key = (currency, on or self.on)
        if key not in self._known:
            try:
                self._known[key] = self.rates.rate(currency, self.currency, key[1])
            except (FXRateMissing, FXRateStale):
                self._known[key] = None
        return self._known[key]

    def worst_move(self, currency: str) -> Decimal | None:
        """How far a currency became dearer within 30 days, the worst of the last 90; None where unknown."""
        if currency not in self._worst:
            self._worst[currency] = self._worst_of(currency)
        return self._worst[currency]

    def _worst_of(self, currency: str) -> Decimal | None:
        worst = ZERO
        for back in range(FX_DAYS - DAYS + 1):
            end = self.on - timedelta(days=back)
            now, before = self.rate(currency, end), self.rate(currency, end - timedelta(days=DAYS))
            if now is None or before is None:
                return None
            worst = max(worst, now[0] / before[0] - 1)
        return worst


def landed_lines(
    *,
    sheet: Sheet | None,
    measured: Measured,
    store: StoreMeasured,
    estimate: Estimate | None,
    convert: Converter,
) -> tuple[Line, ...]:
    """Every line of one unit, as `connectors.selectors.landed_costs.get_landed_cost` tells them."""
    first = convert.on - timedelta(days=DAYS - 1)
    window = f"{first.isoformat()} to {convert.on.isoformat()}, {measured.units} units"
    writer = _Writer(convert)
    writer.sheet_lines(sheet)
    _charged_lines(writer, measured, store, estimate, window)
    _loss_lines(writer, measured, window)
    writer.fx_buffer(sheet)
    return tuple(writer.lines)


def sheet_lines(sheet: Sheet | None, convert: Converter) -> tuple[Line, ...]:
    """The lines that a cost sheet states; all of them unknown where there is none."""
    writer = _Writer(convert)
    writer.sheet_lines(sheet)
    return tuple(writer.lines)


def storage_line(measured: Measured, store: StoreMeasured, convert: Converter) -> Line:
    """Storage per unit sold: as charged for the SKU, else its share of what the whole store was charged."""
    writer = _Writer(convert)
    first = convert.on - timedelta(days=DAYS - 1)
    _storage_line(writer, measured, store, f"{first.isoformat()} to {convert.on}, {measured.units} units")
    return writer.lines[0]


def landed_value(lines: Iterable[Line]) -> Decimal:
    """What one unit cost until it lay in the warehouse; lines nobody knows count nothing."""
    names = {line.value for line in LANDED_LINES}
    return sum((line.own for line in lines if line.name in names and line.own is not None), ZERO)


def _charged_lines(
    writer: _Writer, measured: Measured, store: StoreMeasured, estimate: Estimate | None, window: str
) -> None:
    for name, charged, estimated in (
        ("commission", measured.commission, estimate.referral + estimate.closing if estimate else None),
        ("fulfilment", measured.fulfilment, estimate.fulfilment if estimate else None),
    ):
        if charged is not None and measured.units:
            writer.add(name, charged / measured.units, writer.currency, f"charged {window}", "charged")
        elif estimate is not None and estimated is not None:
            source = f"platform's estimate of {estimate.estimated_on}"
            writer.add(name, estimated, estimate.currency, source, "estimated")
        else:
            writer.unknown(name)
    writer.per_unit("payment_fee", measured.payment or ZERO, measured.units, f"charged {window}", "charged")
    _storage_line(writer, measured, store, window)


def _storage_line(writer: _Writer, measured: Measured, store: StoreMeasured, window: str) -> None:
    if measured.storage is not None:
        writer.per_unit("storage", measured.storage, measured.units, f"charged {window}", "charged")
    elif store.storage is not None:
        shared = f"share of the store's {store.units} units"
        writer.per_unit("storage", store.storage, store.units, shared, "allocated")
    else:
        writer.unknown("storage")


def _loss_lines(writer: _Writer, measured: Measured, window: str) -> None:
    if measured.ads_currencies > 1 or not measured.units:
        writer.unknown("advertising")
    else:
        currency = measured.ads_currency or writer.currency
        spent = (measured.ads or ZERO) / measured.units
        writer.add("advertising", spent, currency, f"spent {window}", "measured")
    lost = measured.spoilt * landed_value(writer.lines)
    source = f"fees and {measured.spoilt} units not to be sold again, {window}"
    writer.per_unit("returns", (measured.return_fees or ZERO) + lost, measured.units, source, "measured")
    writer.per_unit("tax_in_price", measured.tax, measured.units, f"collected {window}", "measured")


class _Writer:
    """Collects lines, converting each by the last rate on or before the day."""

    def __init__(self, convert: Converter) -> None:
        self.convert = convert
        self.currency = convert.currency
        self.lines: list[Line] = []

    def sheet_lines(self, sheet: Sheet | None) -> None:
        for line in CostLine:
            money = sheet.lines.get(line) if sheet else None
            if sheet is None or money is None:
                self.unknown(line.value)
            else:
                self.add(line.value, money.amount, money.currency, sheet.source, "stated")

    def per_unit(self, name: str, amount: Decimal, units: int, source: str, confidence: str) -> None:
        if units:
            self.add(name, amount / units, self.currency, source, confidence)
        else:
            self.unknown(name)

    def add(self, name: str, amount: Decimal, currency: str, source: str, confidence: str) -> None:
        rounded = amount.quantize(_STEP, rounding=ROUND_HALF_UP)
        found = self.convert.rate(currency)
        if found is None:
            self.lines.append(Line(name, rounded, currency, None, None, None, source, confidence))
            return
        rate, rate_on = found
        own = (amount * rate).quantize(_STEP, rounding=ROUND_HALF_UP)
        self.lines.append(Line(name, rounded, currency, own, rate, rate_on, source, confidence))

    def unknown(self, name: str) -> None:
        self.lines.append(Line(name, None, self.currency, None, None, None, "", "unknown"))

    def fx_buffer(self, sheet: Sheet | None) -> None:
        """What the foreign parts of the sheet may become dearer by the worst 30 days of the last 90."""
        total = ZERO
        for money in sheet.lines.values() if sheet else ():
            if money.currency == self.currency:
                continue
            worst, found = self.convert.worst_move(money.currency), self.convert.rate(money.currency)
            if worst is None or found is None:
                self.unknown("fx_buffer")
                return
            total += money.amount * found[0] * worst
        if sheet is None:
            self.unknown("fx_buffer")
            return
        self.add("fx_buffer", total, self.currency, f"worst 30 days of the last {FX_DAYS}", "measured")
