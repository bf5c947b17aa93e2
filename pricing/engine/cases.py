"""Reads price cases (the JSON format of docs/pricing-engine.md) into cost structures, strictly.

Numbers are decimal strings, so that no binary fraction ever slips in; a JSON number is refused. Every key
that the format does not know is an error, and the errors of all cases are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from pricing.engine.plan import find_problem
from pricing.structure import (
    ONE,
    ZERO,
    Ads,
    AdsByClick,
    AdsByShare,
    Band,
    BandFee,
    Cost,
    CostStructure,
    Fee,
    FeeTax,
    FixedFee,
    MultipleFee,
    RateFee,
    Returns,
    Tier,
    TierMode,
)

LABELS = ("market", "ccy", "title")
NEEDED = ("id", "vat", "tick", "minor", "fees", "costs", "target", "pmax")
KNOWN = (*NEEDED, *LABELS, "ads", "returns", "cash_withholding", "expected")

_Part = TypeVar("_Part", Tier, Band)

_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_TAXES = {"incl_cred": FeeTax.INCLUDED_CREDITABLE, "incl_non": FeeTax.INCLUDED_NOT_CREDITABLE}
_FEE_KEYS = {
    "rate": ("mode", "tiers", "min", "base", "refundable", "base_mult"),
    "band": ("bands", "base", "base_mult"),
    "fixed": ("amount", "base_mult"),
    "mult": ("rate", "of", "base_mult"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A case as read: its id and what it says, and whether it asks for the cash that is withheld."""

    id: str
    structure: CostStructure
    asks_cash_gap: bool = False


class BadCases(ValueError):
    """Cases that cannot be read; `problems` name the id, the place and what is wrong."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep them all."""
        super().__init__("\n".join(problems))
        self.problems = problems


class _Bad(ValueError):
    """One problem at one place of a case."""


def read_cases(document: Any) -> tuple[Case, ...]:
    """The cases of a decoded file; what a case holds under `expected` is passed over. Raises BadCases."""
    if not isinstance(document, list):
        raise BadCases(("the file must hold a list of cases",))
    cases: list[Case] = []
    problems: list[str] = []
    for number, body in enumerate(document):
        name = body.get("id") if isinstance(body, dict) else None
        label = f"case {name!r}" if isinstance(name, str) and name else f"case number {number + 1}"
        unknown = [key for key in body if key not in KNOWN] if isinstance(body, dict) else []
        problems += [f"{label}: unknown key {key!r}" for key in unknown]
        try:
            case = _read_case(body)
            if any(case.id == other.id for other in cases):
                raise _Bad("another case has the same id")
            cases.append(case)
        except _Bad as problem:
            problems.append(f"{label}: {problem}")
    if problems:
        raise BadCases(tuple(problems))
    return tuple(cases)


def _read_case(body: Any) -> Case:
    if not isinstance(body, dict):
        raise _Bad("a case must be an object")
    missing = [key for key in NEEDED if key not in body]
    if missing:
        raise _Bad(f"missing key {', '.join(map(repr, missing))}")
    labels = {key: _text(body[key], key) for key in LABELS if key in body}
    costs = _mapping(body["costs"], "costs")
    withheld = _mapping(body.get("cash_withholding", {}), "cash_withholding")
    structure = CostStructure(
        currency=labels.get("ccy", ""),
        tax_rate=_number(body["vat"], "vat"),
        tick=_number(body["tick"], "tick"),
        billing_unit=_number(body["minor"], "minor"),
        highest=_number(body["pmax"], "pmax"),
        fees=tuple(_fee(each, f"fees[{n}]") for n, each in enumerate(_list(body["fees"], "fees"))),
        costs=tuple(Cost(name, _number(amount, f"costs.{name}")) for name, amount in costs.items()),
        ads=_ads(body["ads"]) if "ads" in body else None,
        returns=_returns(body["returns"]) if "returns" in body else None,
        withholding=tuple(
            (name, _number(rate, f"cash_withholding.{name}")) for name, rate in withheld.items()
        ),
        target_margin=_number(body["target"], "target"),
        labels={key: text for key, text in labels.items() if key != "ccy"},
    )
    problem = find_problem(structure)
    if problem:
        raise _Bad(problem)
    return Case(_text(body["id"], "id"), structure, "cash_withholding" in body)


def _fee(body: Any, place: str) -> Fee:
    values = _mapping(body, place)
    kind = values.get("kind")
    if not isinstance(kind, str) or kind not in _FEE_KEYS:
        raise _Bad(f"{place}.kind must be one of {', '.join(_FEE_KEYS)}")
    _only(values, ("name", "kind", "vat", *_FEE_KEYS[kind]), place)
    name = _text(_need(values, "name", place), f"{place}.name")
    tax = _tax(values, place)
    multiplier = ONE if "base_mult" not in values else _number(values["base_mult"], f"{place}.base_mult")
    if kind == "fixed":
        return FixedFee(name, _number(_need(values, "amount", place), f"{place}.amount"), tax)
    if kind == "mult":
        rate = _number(_need(values, "rate", place), f"{place}.rate")
        return MultipleFee(name, rate, _text(_need(values, "of", place), f"{place}.of"), tax)
    if values.get("base", "net") != "net":
        raise _Bad(f"{place}.base can only be 'net'")
    is_on_net = "base" in values
    if kind == "band":
        bands = _rows(values, "bands", place, 3, _band)
        return BandFee(name, bands, tax, multiplier, is_on_net)
    tiers = _rows(values, "tiers", place, 2, _tier)
    return RateFee(
        name=name,
        tiers=tiers,
        mode=_mode(values, place, len(tiers)),
        minimum=_optional(values, "min", place),
        tax=tax,
        base_multiplier=multiplier,
        is_on_net=is_on_net,
        is_refundable=_flag(values.get("refundable", True), f"{place}.refundable"),
    )


def _mode(values: Mapping[str, Any], place: str, tiers: int) -> TierMode:
    mode = values.get("mode", "flat" if tiers == 1 else None)
    if mode not in [each.value for each in TierMode]:
        raise _Bad(f"{place}.mode must be one of {', '.join(TierMode)}")
    return TierMode(mode)


def _tax(values: Mapping[str, Any], place: str) -> FeeTax:
    if "vat" not in values:
        return FeeTax.EX
    if values["vat"] not in _TAXES:
        raise _Bad(f"{place}.vat must be one of {', '.join(_TAXES)}, or absent")
    return _TAXES[values["vat"]]


def _tier(row: list[Any], place: str) -> Tier:
    return Tier(_bound(row[0], place), _number(row[1], f"{place}[1]"))


def _band(row: list[Any], place: str) -> Band:
    upper = _bound(row[0], place)
    # The flag of an open band means nothing, so anything may stand there.
    is_inclusive = upper is None or _flag(row[1], f"{place}[1]")
    return Band(upper, is_inclusive, _number(row[2], f"{place}[2]"))


def _bound(value: Any, place: str) -> Decimal | None:
    return None if value is None else _number(value, f"{place}[0]")


def _rows(
    values: Mapping[str, Any], key: str, place: str, width: int, read: Callable[[list[Any], str], _Part]
) -> tuple[_Part, ...]:
    found: list[_Part] = []
    for n, row in enumerate(_list(_need(values, key, place), f"{place}.{key}")):
        where = f"{place}.{key}[{n}]"
        if not isinstance(row, list) or len(row) != width:
            raise _Bad(f"{where} must be a list of {width}")
        found.append(read(row, where))
    return tuple(found)


def _ads(body: Any) -> Ads:
    values = _mapping(body, "ads")
    kind = values.get("type")
    if kind == "pct":
        _only(values, ("type", "rate"), "ads")
        return AdsByShare(_number(_need(values, "rate", "ads"), "ads.rate"))
    if kind == "cpc":
        _only(values, ("type", "cpc", "cvr", "share"), "ads")
        return AdsByClick(
            *(_number(_need(values, key, "ads"), f"ads.{key}") for key in ("cpc", "cvr", "share"))
        )
    raise _Bad("ads.type must be 'pct' or 'cpc'")


def _returns(body: Any) -> Returns:
    values = _mapping(body, "returns")
    _only(values, ("rate", "admin_rate", "cap", "processing", "salvage", "landed"), "returns")
    return Returns(
        rate=_number(_need(values, "rate", "returns"), "returns.rate"),
        admin_rate=_optional(values, "admin_rate", "returns") or ZERO,
        cap=_optional(values, "cap", "returns"),
        processing=_optional(values, "processing", "returns") or ZERO,
        salvage=_optional(values, "salvage", "returns") or ZERO,
        landed=_optional(values, "landed", "returns") or ZERO,
    )


def _number(value: Any, place: str) -> Decimal:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        raise _Bad(f'{place} must be a decimal string: write "{value}", not {value}')
    raise _Bad(f"{place} must be a decimal string, not {value!r}")


def _optional(values: Mapping[str, Any], key: str, place: str) -> Decimal | None:
    return _number(values[key], f"{place}.{key}") if key in values else None


def _need(values: Mapping[str, Any], key: str, place: str) -> Any:
    if key not in values:
        raise _Bad(f"missing key {key!r} in {place}")
    return values[key]


def _only(values: Mapping[str, Any], known: tuple[str, ...], place: str) -> None:
    for key in values:
        if key not in known:
            raise _Bad(f"unknown key {key!r} in {place}")


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Bad(f"{place} must be an object")
    return value


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise _Bad(f"{place} must be a list")
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value:
        raise _Bad(f"{place} must be a text")
    return value


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise _Bad(f"{place} must be true or false")
    return value
