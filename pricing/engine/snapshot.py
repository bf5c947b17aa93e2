"""The inputs of a suggestion as plain JSON and back: what is stored is exactly what was computed with.

A context that was stored and read again equals the one that was stored, so the same rule set comes to the
same proposal. Two digests are taken of it: of everything (`digest`), and of what makes a suggestion another
one (`case_digest`), which leaves out the moments of observation and what drifts from day to day by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, get_type_hints

import msgspec
import orjson

from pricing.engine.price_history import DatedPrice, PriceHistory
from pricing.structure import (
    Ads,
    AdsByClick,
    AdsByShare,
    BandFee,
    CostStructure,
    Fee,
    FixedFee,
    MultipleFee,
    RateFee,
)
from pricing.types import PricingContext

FORMAT = 1
"""Raised when a stored snapshot would be read in another way."""

_FEES: dict[str, type[Fee]] = {
    "rate": RateFee,
    "band": BandFee,
    "fixed": FixedFee,
    "multiple": MultipleFee,
}
_ADS: dict[str, type[Ads]] = {"share": AdsByShare, "click": AdsByClick}
_FEE_NAMES: dict[type[Any], str] = {kind: name for name, kind in _FEES.items()}
_ADS_NAMES: dict[type[Any], str] = {kind: name for name, kind in _ADS.items()}

# What a listing is worth looking at again for, beside its costs; the drifting rest is left out.
_CASE = (
    "store_id", "sku", "market", "platform", "channel", "currency", "price", "structure", "missing",
    "floor_margin", "target_margin", "stage", "tier", "objective", "bounds", "locks", "condition",
    "pack_size",
)  # fmt: skip
_CASE_RIVALS = ("lowest", "featured", "own_landed", "is_own_featured")
_HINTS: dict[type[Any], dict[str, Any]] = {
    kind: get_type_hints(kind) for kind in (CostStructure, PricingContext)
}


def dump(context: PricingContext) -> dict[str, Any]:
    """Return a context as JSON values: numbers as text, instants as ISO 8601, fees with their kind."""
    plain: dict[str, Any] = msgspec.to_builtins(context)
    structure = plain["structure"]
    for written, fee in zip(structure["fees"], context.structure.fees, strict=True):
        written["kind"] = _FEE_NAMES[type(fee)]
    if context.structure.ads is not None:
        structure["ads"]["kind"] = _ADS_NAMES[type(context.structure.ads)]
    return plain


def load(plain: Mapping[str, Any]) -> PricingContext:
    """Return the context that `dump` wrote; `msgspec.ValidationError` (a ValueError) for anything else.

    Fields that a snapshot of an earlier version lacks have their defaults.
    """
    given = dict(plain["structure"])
    known: dict[str, Any] = {
        "fees": tuple(_typed(each, _FEES) for each in given["fees"]),
        "ads": None if given["ads"] is None else _typed(given["ads"], _ADS),
    }
    structure = CostStructure(**_values(CostStructure, given, known))
    return PricingContext(**_values(PricingContext, plain, {"structure": structure}))


def dump_days(history: PriceHistory) -> list[list[str | None]]:
    """Return a price history as JSON values: spans of days with one price (first, last, price, effective)."""
    spans: list[list[str | None]] = []
    for each in history.prices:
        price = str(each.price)
        paid = None if each.effective is None else str(each.effective)
        if spans and spans[-1][2:] == [price, paid] and _follows(spans[-1][1], each.day):
            spans[-1][1] = each.day.isoformat()
        else:
            spans.append([each.day.isoformat(), each.day.isoformat(), price, paid])
    return spans


def load_days(spans: Sequence[Sequence[str | None]]) -> PriceHistory:
    """Return the history that `dump_days` wrote, of base prices."""
    found = []
    for first, last, price, paid in spans:
        day, until = date.fromisoformat(str(first)), date.fromisoformat(str(last))
        while day <= until:
            effective = None if paid is None else Decimal(paid)
            found.append(DatedPrice(day, Decimal(str(price)), effective=effective))
            day += timedelta(days=1)
    return PriceHistory(tuple(found))


def _follows(before: str | None, day: date) -> bool:
    return before is not None and date.fromisoformat(before) + timedelta(days=1) == day


def _typed(given: Mapping[str, Any], kinds: Mapping[str, type[Any]]) -> Any:
    rest = {name: value for name, value in given.items() if name != "kind"}
    return msgspec.convert(rest, kinds[given["kind"]])


def _values(kind: type[Any], given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments for a dataclass; a union of dataclasses, which msgspec cannot read, comes in `known`."""
    hints = _HINTS[kind]
    return {
        name: known[name] if name in known else msgspec.convert(given[name], hint)
        for name, hint in hints.items()
        if name in known or name in given
    }


def digest(inputs: Mapping[str, Any]) -> str:
    """Return the SHA-256 of inputs in canonical JSON (keys sorted, no spaces)."""
    return hashlib.sha256(orjson.dumps(inputs, option=orjson.OPT_SORT_KEYS)).hexdigest()


def case_digest(context: Mapping[str, Any], *further: object) -> str:
    """Return the digest of what makes a suggestion another one: a dumped context and what was concluded.

    Costs, the present price, margins, bounds, locks and the rivals' prices count; the age of the stock, days
    of cover, sales per day and the moments of observation do not, unless they led to another conclusion.
    """
    case = {name: context[name] for name in _CASE}
    rivals = {name: context["rivals"][name] for name in _CASE_RIVALS}
    return digest({"case": case, "rivals": rivals, "further": [str(each) for each in further]})
