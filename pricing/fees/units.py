"""In which units parameters are given, and how a raw value of each is read and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise
from typing import Any

from config.lib.dated import BadDefinition, check_keys
from pricing.fees.values import Bands, FeeValue, Range, RateTiers, SizeLimits, WeightRow, WeightTable
from pricing.structure import Band, Tier, TierMode

LARGEST_SHARE = Decimal(10)


class Kind(StrEnum):
    """The form of a value."""

    SHARE = "share"
    AMOUNT = "amount"
    TIERS = "tiers"
    RANGE = "range"
    SHARE_RANGE = "share_range"
    BANDS = "bands"
    LIMITS = "limits"
    WEIGHTS = "weights"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of parameters. `choices` are the words a WORD may be."""

    key: str
    kind: Kind
    meaning: str
    currency: str = ""
    choices: tuple[str, ...] = ()

    @property
    def is_share(self) -> bool:
        """Is a number of this unit a fraction of something?"""
        return self.kind in (Kind.SHARE, Kind.SHARE_RANGE, Kind.TIERS)


def _money(currency: str) -> list[Unit]:
    return [
        Unit(currency, Kind.AMOUNT, f"{currency} per unit sold", currency),
        Unit(f"{currency}/order", Kind.AMOUNT, f"{currency} per order or payment", currency),
        Unit(f"{currency}/month", Kind.AMOUNT, f"{currency} per month", currency),
        Unit(f"{currency}/shipment", Kind.AMOUNT, f"{currency} of a shipment's value", currency),
        Unit(f"{currency} range", Kind.RANGE, f"{currency} per unit, only the bounds are known", currency),
        Unit(f"{currency}/month range", Kind.RANGE, f"{currency} per month, only the bounds", currency),
        Unit(f"{currency}/order range", Kind.RANGE, f"{currency} per order, only the bounds", currency),
        Unit(f"{currency} by price", Kind.BANDS, f"{currency} per unit by band of the fee's base", currency),
    ]


UNITS: Mapping[str, Unit] = {
    unit.key: unit
    for unit in (
        Unit("share", Kind.SHARE, "a fraction of the base: 0.15 is 15 %"),
        Unit("share range", Kind.SHARE_RANGE, "a fraction of which only the bounds are known"),
        Unit("share by price", Kind.TIERS, "fractions of the base by tier; upper bounds belong to a tier"),
        *_money("USD"),
        *_money("JPY"),
        *_money("MXN"),
        Unit("USD/ft3-month", Kind.AMOUNT, "USD per cubic foot and month", "USD"),
        Unit("USD/ft3-month by weeks", Kind.BANDS, "USD per cubic foot and month, by weeks of stock", "USD"),
        Unit("JPY/1000cm3-month", Kind.AMOUNT, "JPY per 1,000 cm³ and month", "JPY"),
        Unit("USD by weight", Kind.BANDS, "USD per unit by shipping weight in ounces", "USD"),
        Unit("USD by weight and price", Kind.WEIGHTS, "USD per unit by ounces and price band", "USD"),
        Unit("in/oz limits", Kind.LIMITS, "sides in inches, weight in ounces"),
        Unit("cm/g limits", Kind.LIMITS, "sides in centimetres, weight in grams"),
        Unit("days", Kind.AMOUNT, "days"),
        Unit("units/month", Kind.AMOUNT, "units a month"),
        Unit("in3/lb", Kind.AMOUNT, "cubic inches for one pound of dimensional weight"),
        Unit("tax basis", Kind.WORD, "how fees are quoted", choices=("included", "ex")),
    )
}


def get_unit(key: str, where: str) -> Unit:
    """Return a unit; `BadDefinition` names the known ones."""
    if key not in UNITS:
        raise BadDefinition(f"{where}: there is no unit {key!r}; known are {', '.join(UNITS)}")
    return UNITS[key]


def read_value(unit: Unit, raw: Any, where: str) -> FeeValue | None:
    """Turn loaded YAML into a value of the unit; null is a value that is not known (`BadDefinition`)."""
    if raw is None:
        return None
    try:
        return _READERS[unit.kind](unit, raw)
    except BadDefinition as error:
        raise BadDefinition(f"{where}: {error.detail}") from error


def read_stated(unit: Unit, raw: Any, where: str) -> FeeValue:
    """Turn a value somebody states into one of the unit: numbers are text, of a range one value is chosen."""
    if unit.kind in (Kind.RANGE, Kind.SHARE_RANGE):
        kind = Kind.AMOUNT if unit.kind is Kind.RANGE else Kind.SHARE
        unit = Unit(unit.key, kind, unit.meaning, unit.currency)
    value = read_value(unit, _numbers(raw) if unit.kind is not Kind.WORD else raw, where)
    if value is None:
        raise BadDefinition(f"{where}: state a value")
    return value


def _numbers(raw: Any) -> Any:
    if isinstance(raw, Mapping):
        return {key: raw[key] if key == "mode" else _numbers(raw[key]) for key in raw}
    if isinstance(raw, list):
        return [_numbers(each) for each in raw]
    if not isinstance(raw, str):
        return raw
    try:
        number = Decimal(raw)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or "_" in raw or len(raw) > 30:
        raise BadDefinition(f"{raw!r} is no plain decimal number")
    return number


def _amount(raw: Any) -> Decimal:
    if not isinstance(raw, Decimal) or not raw.is_finite() or raw < 0:
        raise BadDefinition(f"{raw!r} is no amount of nought or more")
    return raw


def _share(raw: Any) -> Decimal:
    if _amount(raw) > LARGEST_SHARE:
        raise BadDefinition(f"{raw} is no fraction: write 0.15 for 15 %")
    return _amount(raw)


def _tiers(unit: Unit, raw: Any) -> RateTiers:
    check_keys(_mapping(raw), required=("mode", "tiers"), optional=("minimum",))
    if raw["mode"] not in tuple(TierMode):
        raise BadDefinition(f"there is no mode {raw['mode']!r}: flat, whole or marginal")
    mode = TierMode(raw["mode"])
    rows = _rows(raw["tiers"], 2)
    tiers = tuple(Tier(_upper(upper), _share(rate)) for upper, rate in rows)
    _ascend([tier.upper for tier in tiers])
    if mode is TierMode.FLAT and len(tiers) != 1:
        raise BadDefinition("flat has exactly one tier")
    minimum = raw.get("minimum")
    return RateTiers(mode, tiers, None if minimum is None else _amount(minimum))


def _bands(unit: Unit, raw: Any) -> Bands:
    bands = tuple(Band(_upper(u), _flag(i), _amount(a)) for u, i, a in _rows(raw, 3))
    _ascend([band.upper for band in bands])
    return bands


def _range(unit: Unit, raw: Any) -> Range:
    check_keys(_mapping(raw), required=("low", "high"))
    read = _share if unit.kind is Kind.SHARE_RANGE else _amount
    found = Range(read(raw["low"]), read(raw["high"]))
    if found.low >= found.high:
        raise BadDefinition("low must lie below high")
    return found


def _limits(unit: Unit, raw: Any) -> SizeLimits:
    check_keys(_mapping(raw), required=("weight",), optional=("sides", "total", "girth"))
    sides = tuple(_amount(side) for side in raw.get("sides") or ())
    if sides and (len(sides) != 3 or sorted(sides, reverse=True) != list(sides)):
        raise BadDefinition("sides are three, from long to short")
    optional = {name: _amount(raw[name]) for name in ("total", "girth") if raw.get(name) is not None}
    return SizeLimits(_amount(raw["weight"]), sides, optional.get("total"), optional.get("girth"))


def _weights(unit: Unit, raw: Any) -> WeightTable:
    check_keys(_mapping(raw), required=("prices", "rows"))
    prices = tuple((_upper(upper), _flag(flag)) for upper, flag in _rows(raw["prices"], 2))
    _ascend([upper for upper, _ in prices])
    rows = tuple(_weight_row(each, len(prices)) for each in raw["rows"])
    if not rows:
        raise BadDefinition("a weight table has at least one row")
    for before, after in pairwise(rows):
        if before.up_to != after.over:
            raise BadDefinition(f"weights after {before.up_to} go on from {after.over}: gap or overlap")
    return WeightTable(prices, rows)


def _weight_row(raw: Any, count: int) -> WeightRow:
    steps = ("step", "per_step", "step_from")
    check_keys(_mapping(raw), required=("over", "up_to", "amounts"), optional=steps)
    amounts = tuple(_amount(amount) for amount in raw["amounts"])
    if len(amounts) != count:
        raise BadDefinition(f"a row has {count} amounts, one per price band")
    given = [raw.get(name) for name in steps]
    if any(each is not None for each in given) and any(each is None for each in given):
        raise BadDefinition("step, per_step and step_from belong together")
    step, per_step, step_from = (None if each is None else _amount(each) for each in given)
    return WeightRow(_amount(raw["over"]), _upper(raw["up_to"]), amounts, step, per_step, step_from)


def _word(unit: Unit, raw: Any) -> str:
    if raw not in unit.choices:
        raise BadDefinition(f"{raw!r} is none of {', '.join(unit.choices)}")
    return str(raw)


def _mapping(raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise BadDefinition(f"{raw!r} is no mapping")
    return raw


def _rows(raw: Any, width: int) -> list[Any]:
    if not isinstance(raw, list) or not raw:
        raise BadDefinition("a list with at least one row is needed")
    if any(not isinstance(row, list) or len(row) != width for row in raw):
        raise BadDefinition(f"every row has {width} members")
    return raw


def _upper(raw: Any) -> Decimal | None:
    return None if raw is None else _amount(raw)


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise BadDefinition(f"{raw!r} is neither true nor false")
    return raw


def _ascend(bounds: list[Decimal | None]) -> None:
    if bounds[-1] is not None or any(bound is None for bound in bounds[:-1]):
        raise BadDefinition("the last bound, and only the last, is null")
    finite = [bound for bound in bounds if bound is not None]
    if any(after <= before for before, after in pairwise(finite)):
        raise BadDefinition("bounds must ascend")


_READERS: Mapping[Kind, Callable[[Unit, Any], FeeValue]] = {
    Kind.SHARE: lambda unit, raw: _share(raw),
    Kind.AMOUNT: lambda unit, raw: _amount(raw),
    Kind.TIERS: _tiers,
    Kind.RANGE: _range,
    Kind.SHARE_RANGE: _range,
    Kind.BANDS: _bands,
    Kind.LIMITS: _limits,
    Kind.WEIGHTS: _weights,
    Kind.WORD: _word,
}
