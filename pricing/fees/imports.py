"""What importing a unit costs: duties and taxes line by line, and which of them can be reclaimed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from config.lib.errors import Invalid
from pricing.fees.query import FeeLine, FeeQuery, Gap, Override, ParameterUse
from pricing.fees.reader import Reader

_US_CANADA = frozenset({"US", "CA"})
_CHINA = frozenset({"CN", "HK"})


class Entry(StrEnum):
    """How goods enter: with a customs declaration, or by courier at a flat rate."""

    FORMAL = "formal"
    COURIER = "courier"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportQuery:
    """A unit that is imported into a market on the day of its entry.

    `value` is the customs value per unit: FOB for the US, CIF for Japan and Mexico; amounts come back in its
    currency. `shipment_value` is that of the whole shipment in the unit of the market's limit (USD; yen for
    Japan), by which exemptions are decided; None: no exemption is taken. `tariff_rate` is the rate of the
    tariff line, which no table here knows. `section_301` names the list ("default", "list_4a", "" none) for
    goods of China; another list's rate is stated as an override of us.duty.section_301.default.
    `section_232` is "metals", "cars" or "". `has_treaty`: the goods qualify under the market's trade treaty.
    """

    market: str
    value: Decimal
    origin: str
    on: date
    entry: Entry = Entry.FORMAL
    shipment_value: Decimal | None = None
    tariff_rate: Decimal | None = None
    section_301: str = "default"
    section_232: str = ""
    has_treaty: bool = False
    is_by_sea: bool = True
    is_importer_taxable: bool = True
    overrides: Mapping[str, Override] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One duty or tax: `amount` = `rate` × `base`, unrounded. What can be reclaimed is cash, not cost."""

    name: str
    rate: Decimal
    base: Decimal
    is_creditable: bool = False

    @property
    def amount(self) -> Decimal:
        """What is paid at entry."""
        return self.rate * self.base


@dataclass(frozen=True, slots=True)
class ImportQuote:
    """The lines of an import; incomplete where there are gaps."""

    lines: tuple[ImportLine, ...]
    uses: tuple[ParameterUse, ...]
    gaps: tuple[Gap, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys of what is not known."""
        return tuple(dict.fromkeys(gap.key for gap in self.gaps))

    @property
    def cost(self) -> Decimal:
        """What is paid and cannot be reclaimed, per unit."""
        return sum((line.amount for line in self.lines if not line.is_creditable), Decimal(0))

    @property
    def cash(self) -> Decimal:
        """What is paid and comes back later, per unit."""
        return sum((line.amount for line in self.lines if line.is_creditable), Decimal(0))


def quote_import(query: ImportQuery) -> ImportQuote:
    """Return the duties and taxes of an import; `Invalid` for a market without rules or a negative value."""
    schedule = _SCHEDULES.get(query.market)
    if schedule is None:
        raise Invalid(f"there are no import rules for {query.market}; known are {', '.join(_SCHEDULES)}")
    if query.value < 0:
        raise Invalid("a customs value is nought or more")
    reader = Reader(FeeQuery(market=query.market, platform="all", on=query.on, overrides=query.overrides))
    lines = schedule(query, reader)
    return ImportQuote(tuple(lines), tuple(reader.uses.values()), tuple(dict.fromkeys(reader.gaps)))


def _number(reader: Reader, key: str) -> Decimal:
    return reader.number(FeeLine.DUTY, key) or Decimal(0)


def _tariff(query: ImportQuery, reader: Reader) -> Decimal:
    if query.tariff_rate is None:
        key = f"{query.market.lower()}.duty.tariff_rate"
        reader.ask(FeeLine.DUTY, key, "state the rate of the tariff line of the product")
        return Decimal(0)
    return query.tariff_rate


def _is_small(query: ImportQuery, reader: Reader) -> bool:
    limit = reader.number(FeeLine.DUTY, f"{query.market.lower()}.duty.de_minimis")
    return limit is not None and query.shipment_value is not None and query.shipment_value <= limit


def _us(query: ImportQuery, reader: Reader) -> list[ImportLine]:
    """MFN + section 301 + section 232 + what stood or stands in for the void IEEPA duties, on FOB."""
    if query.shipment_value is not None and query.shipment_value > 0 and _is_small(query, reader):
        return []
    rates = {"duty": _tariff(query, reader)}
    if query.origin in _CHINA:
        if query.section_301:
            rates["section_301"] = _number(reader, f"us.duty.section_301.{query.section_301}")
        rates["ieepa"] = _number(reader, "us.duty.ieepa_china")
    if query.section_232:
        rates["section_232"] = _number(reader, f"us.duty.section_232.{query.section_232}")
    elif not query.has_treaty:
        rates["section_122"] = _number(reader, "us.duty.section_122")
    rates["merchandise_processing"] = _number(reader, "us.duty.merchandise_processing")
    if query.is_by_sea:
        rates["harbour_maintenance"] = _number(reader, "us.duty.harbour_maintenance")
    return [ImportLine(name, rate, query.value) for name, rate in rates.items() if rate]


def _jp(query: ImportQuery, reader: Reader) -> list[ImportLine]:
    """Duty on CIF; consumption tax on CIF and duty, which a taxable importer of record reclaims."""
    if query.shipment_value is not None and _is_small(query, reader):
        return []
    duty = ImportLine("duty", _tariff(query, reader), query.value)
    rate = _number(reader, "jp.duty.import_tax")
    tax = ImportLine("import_tax", rate, query.value + duty.amount, query.is_importer_taxable)
    return [line for line in (duty, tax) if line.rate]


def _mx(query: ImportQuery, reader: Reader) -> list[ImportLine]:
    """Formal: IGI, DTA, and IVA on all of it; courier: one flat rate, not creditable."""
    if query.entry is Entry.COURIER:
        rate = _courier_rate(query, reader)
        return [ImportLine("global_rate", rate, query.value)] if rate else []
    duty = ImportLine("duty", _tariff(query, reader), query.value)
    handling = ImportLine("dta", _number(reader, "mx.duty.dta"), query.value)
    base = query.value + duty.amount + handling.amount
    tax = ImportLine("import_tax", _number(reader, "mx.duty.iva"), base, query.is_importer_taxable)
    return [line for line in (duty, handling, tax) if line.rate]


def _courier_rate(query: ImportQuery, reader: Reader) -> Decimal:
    if query.origin not in _US_CANADA:
        return _number(reader, "mx.duty.courier_global_rate")
    if query.shipment_value is None:
        reader.ask(FeeLine.DUTY, "mx.duty.shipment_value", "state the value of the shipment in USD")
        return Decimal(0)
    if query.shipment_value <= _number(reader, "mx.duty.courier_us_ca.exempt"):
        return Decimal(0)
    is_middle = query.shipment_value <= _number(reader, "mx.duty.courier_us_ca.middle_limit")
    return _number(reader, f"mx.duty.courier_us_ca.{'middle' if is_middle else 'upper'}_rate")


_SCHEDULES: Mapping[str, Callable[[ImportQuery, Reader], list[ImportLine]]] = {
    "US": _us,
    "JP": _jp,
    "MX": _mx,
}
