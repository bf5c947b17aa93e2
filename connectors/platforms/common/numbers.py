"""Which number a text of a report means: never through a float, whatever the decimal mark."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_PLAIN = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,12})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,.\u00a0\u202f ]\d{3})+", re.ASCII)
_CACHE_LIMIT = 20_000
ZERO = Decimal(0)


def parse_decimal(text: str) -> Decimal:
    """Read "1234.5", "1,234.50", "1.234,50", "12,5" or "-3"; `ValueError` for anything else.

    A single mark followed by exactly three digits groups thousands ("1,234", as prices in yen are written)
    when it is a comma; a single point is always the decimal mark.
    """
    stripped = text.strip()
    if _PLAIN.fullmatch(stripped):
        return Decimal(stripped)
    comma, point = stripped.rfind(","), stripped.rfind(".")
    if comma >= 0 and point >= 0:
        group, mark = (",", ".") if point > comma else (".", ",")
        whole, _, fraction = stripped.rpartition(mark)
        if not _GROUPED.fullmatch(whole) or group not in whole:
            raise ValueError(f"{text!r} is no number")
        plain = f"{re.sub(r'[,. ]', '', whole)}.{fraction}"
    elif _GROUPED.fullmatch(stripped):
        plain = re.sub(r"[^0-9+-]", "", stripped)
    else:
        plain = stripped.replace(",", ".")
    if not _PLAIN.fullmatch(plain):
        raise ValueError(f"{text!r} is no number")
    return Decimal(plain)


def parse_count(text: str) -> int:
    """Read a whole number; an empty text is `ValueError`, and so is a fraction."""
    stripped = text.strip()
    if stripped.isascii() and stripped.isdigit():
        return int(stripped)
    value = parse_decimal(stripped)
    if value != value.to_integral_value():
        raise ValueError(f"{text!r} is no whole number")
    return int(value)


def optional_count(text: str) -> int:
    """Read a whole number, 0 where the platform leaves the cell empty."""
    return parse_count(text) if text.strip() else 0


def json_decimal(value: Any) -> Decimal:
    """Return a JSON number or numeric text as `Decimal`; `ValueError` for anything else, floats included."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"{value!r} is no number")  # noqa: TRY004 - a bad value of a row, not a wrong call
    return Decimal(value) if isinstance(value, int) else parse_decimal(value)


def json_count(value: Any) -> int:
    """Return a JSON whole number as int; missing (None) is 0."""
    if value is None:
        return 0
    number = json_decimal(value)
    if number != number.to_integral_value():
        raise ValueError(f"{value!r} is no whole number")
    return int(number)


class AmountReader(dict[str, Decimal]):
    """The amounts of one document by their text; prices repeat, so each is parsed once. Empty is zero.

    `reader[text]` raises `ValueError` for a text that is no number.
    """

    def __missing__(self, text: str) -> Decimal:
        value = parse_decimal(text) if text.strip() else ZERO
        if len(self) < _CACHE_LIMIT:
            self[text] = value
        return value


class CountReader(dict[str, int]):
    """The whole numbers of one document by their text, each parsed once. Empty is zero."""

    def __missing__(self, text: str) -> int:
        value = optional_count(text)
        if len(self) < _CACHE_LIMIT:
            self[text] = value
        return value
