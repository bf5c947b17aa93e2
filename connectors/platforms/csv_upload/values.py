"""Which value a cell means under a profile's styles: numbers, days, moments, words. No float, no guessing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from config.lib.money import EXPONENTS
from connectors.platforms.common.privacy import buyer_hash
from connectors.platforms.csv_upload.fields import Field, Kind

Cell = str | Decimal | datetime | bool

_MAX_WHOLE_DIGITS = 14
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.ASCII | re.IGNORECASE)
_MONTHS = {
    name: at
    for at, names in enumerate(
        (
            "jan january enero ene", "feb february febrero", "mar march marzo", "apr april abril abr",
            "may mayo", "jun june junio", "jul july julio", "aug august agosto ago",
            "sep sept september septiembre", "oct october octubre", "nov november noviembre",
            "dec december diciembre dic",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_DAY = r"(?P<a>\d{1,4})\s?[./\-年]\s?(?P<b>\d{1,2})\s?[./\-月]\s?(?P<c>\d{1,4})\s?日?"
_NAMED = r"(?:(?P<d1>\d{1,2})[\s\-]+(?:de\s+)?(?P<m1>[^\W\d_]+)\.?|(?P<m2>[^\W\d_]+)\.?\s+(?P<d2>\d{1,2}),?)"
_CLOCK = (
    r"(?:(?:[ T,]+|\s+)(?P<h>\d{1,2})[:時](?P<i>\d{2})(?:[:分](?:(?P<s>\d{2})秒?)?)?(?:\.\d+)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?:hs\.?)?)?"
    r"\s*(?P<z>Z|[A-Z]{3,4}|[+-]\d{2}:?\d{2})?"
)
_PARTED = re.compile(_DAY + _CLOCK)
_WORDED = re.compile(_NAMED + r"(?:\s+(?:de\s+)?|[\s\-,]+)(?P<y>\d{4}|\d{2})" + _CLOCK)
_ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "BST": 1, "CET": 1, "CEST": 2, "JST": 9, "EST": -5, "EDT": -4, "CST": -6,
    "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_TRUE = {"1", "yes", "y", "true", "t", "x", "✓", "是", "はい", "有", "あり", "sí", "si", "verdadero"}
_FALSE = {"0", "no", "n", "false", "f", "-", "否", "いいえ", "無", "なし", "falso"}
_SIGNS = "$¥€£₩円元"


class Decimals(StrEnum):
    """How numbers are written: 1,234.56 or 1.234,56 or 1 234,56."""

    POINT = "point"
    COMMA = "comma"
    SPACE = "space"


class Days(StrEnum):
    """In which order the parts of a date stand where its year does not say it; EPOCH are seconds or ms."""

    YMD = "ymd"
    MDY = "mdy"
    DMY = "dmy"
    EPOCH = "epoch"


_NUMBERS = {
    Decimals.POINT: (re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?"), ",", "."),
    Decimals.COMMA: (re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d+)?(?:,\d+)?"), ".", ","),
    Decimals.SPACE: (re.compile(r"(?:\d{1,3}(?:[ '’]\d{3})+|\d+)?(?:,\d+)?"), " '’", ","),
}


@dataclass(frozen=True, slots=True)
class Styles:
    """How a source writes its values; `zone` is that of moments without one of their own."""

    decimals: Decimals
    days: Days
    zone: ZoneInfo


def read_cell(cell: Cell, field: Field, styles: Styles, pepper: bytes) -> Any:
    """Return the value of a cell; `ValueError` says what was expected, never what stood there."""
    value = _read(cell, field, styles, pepper)
    if isinstance(value, str) and field.max_length and len(value) > field.max_length:
        raise ValueError(f"At most {field.max_length} characters are kept.")
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        if field.minimum is not None and value < field.minimum:
            raise ValueError(f"Not less than {field.minimum}.")
        if field.maximum is not None and value > field.maximum:
            raise ValueError(f"Not more than {field.maximum}.")
    return value


def _read(cell: Cell, field: Field, styles: Styles, pepper: bytes) -> Any:
    match field.kind:
        case Kind.TEXT:
            return as_text(cell)
        case Kind.ID:
            return _identifier(cell)
        case Kind.COUNT:
            return parse_count(cell, styles.decimals)
        case Kind.NUMBER | Kind.AMOUNT:
            return parse_number(cell, styles.decimals)
        case Kind.RATE:
            return parse_rate(cell, styles.decimals)
        case Kind.DAY:
            return parse_day(cell, styles)
        case Kind.INSTANT:
            return parse_instant(cell, styles)
        case Kind.FLAG:
            return parse_flag(cell)
        case Kind.CHOICE:
            return _word(cell, field.choices)
        case Kind.CURRENCY:
            return _currency(cell)
        case Kind.PERSON:
            return buyer_hash(pepper, as_text(cell))


def as_text(cell: Cell) -> str:
    """The text of a cell, trimmed; a whole number of a workbook without decimals."""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    text = cell.strip().removeprefix("'") if cell.startswith("'") else cell.strip()
    if any(unicodedata.category(char) == "Cc" and char not in "\t\r\n" for char in text):
        raise ValueError("It holds control characters.")
    return text


def _identifier(cell: Cell) -> str:
    text = as_text(cell)
    if _SHORTENED.fullmatch(text):
        raise ValueError("A spreadsheet has shortened this number; store the column as text.")
    if any(char in "\t\r\n" for char in text):
        raise ValueError("An identifier has no line breaks.")
    return text


def parse_number(cell: Cell, style: Decimals) -> Decimal:
    """Read a number: grouped or not, with a currency sign, "(12.50)" or "12.50-" for less than zero."""
    if isinstance(cell, Decimal):
        return cell
    if not isinstance(cell, str):
        raise ValueError("A number is expected.")  # noqa: TRY004 - a wrong cell, not a wrong call
    text = unicodedata.normalize("NFKC", cell).strip().replace("−", "-")
    text = text.strip(_SIGNS).strip()
    negative = False
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1].strip(), True
    elif text.endswith("-"):
        text, negative = text[:-1].strip(), True
    if text[:1] in "+-" and text[:1]:
        negative = negative != (text[0] == "-")
        text = text[1:]
    text = text.strip().strip(_SIGNS).strip()
    pattern, groups, mark = _NUMBERS[style]
    if not text or not pattern.fullmatch(text) or (not text.isascii() and "’" not in text):
        raise ValueError(f"A number like {_EXAMPLES[style]} is expected.")
    plain = "".join(char for char in text if char not in groups).replace(mark, ".")
    if len(plain.partition(".")[0]) > _MAX_WHOLE_DIGITS:
        raise ValueError("The number is too large.")
    value = Decimal(plain)
    return -value if negative else value


_EXAMPLES = {Decimals.POINT: "1,234.56", Decimals.COMMA: "1.234,56", Decimals.SPACE: "1 234,56"}


def parse_count(cell: Cell, style: Decimals) -> int:
    """Read a whole number."""
    value = parse_number(cell, style)
    if value != value.to_integral_value() or abs(value) >= 2**31:
        raise ValueError("A whole number is expected.")
    return int(value)


def parse_rate(cell: Cell, style: Decimals) -> Decimal:
    """Read a fraction: "93%" and "0.93" are the same."""
    if isinstance(cell, str):
        text = unicodedata.normalize("NFKC", cell).strip()
        if text.endswith("%"):
            return parse_number(text[:-1], style) / 100
    return parse_number(cell, style)


def parse_flag(cell: Cell) -> bool:
    """Read yes or no in the languages of our sources."""
    if isinstance(cell, bool):
        return cell
    word = as_text(cell).casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("yes or no is expected.")


def parse_day(cell: Cell, styles: Styles) -> date:
    """Read a calendar day; a moment keeps the day on which it is written."""
    if isinstance(cell, datetime):
        return cell.date()
    if styles.days is Days.EPOCH:
        return _epoch(cell).astimezone(styles.zone).date()
    return _moment(cell, styles)[0].date()


def parse_instant(cell: Cell, styles: Styles) -> datetime:
    """Read a moment as UTC; without a zone of its own it is on the clock of `styles.zone`."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=styles.zone).astimezone(UTC)
    if styles.days is Days.EPOCH:
        return _epoch(cell)
    naive, offset = _moment(cell, styles)
    if offset is not None:
        return (naive - offset).replace(tzinfo=UTC)
    return naive.replace(tzinfo=styles.zone).astimezone(UTC)


def _epoch(cell: Cell) -> datetime:
    text = as_text(cell)
    if not (text.isascii() and text.isdigit() and len(text) in (10, 13)):
        raise ValueError("Seconds or milliseconds since 1970 are expected.")
    return datetime.fromtimestamp(int(text[:10]), tz=UTC)


def _moment(cell: Cell, styles: Styles) -> tuple[datetime, timedelta | None]:
    """The moment as it is written, and its own distance from UTC if it names one."""
    if not isinstance(cell, str):
        raise ValueError("A date is expected.")  # noqa: TRY004 - a wrong cell, not a wrong call
    text = unicodedata.normalize("NFKC", cell).strip()
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return _parted(text, styles.days)
    return read.replace(tzinfo=None), read.utcoffset()


def _parted(text: str, order: Days) -> tuple[datetime, timedelta | None]:
    found = _PARTED.fullmatch(text)
    try:
        if found is not None:
            year, month, day = _arranged(found["a"], found["b"], found["c"], order)
        else:
            found = _WORDED.fullmatch(text)
            if found is None:
                raise ValueError
            month = _MONTHS[(found["m1"] or found["m2"]).casefold()]
            year, day = _year(found["y"]), int(found["d1"] or found["d2"])
        hour = int(found["h"] or 0)
        half = (found["half"] or "").replace(".", "").lower()
        if half:
            if not 1 <= hour <= 12:
                raise ValueError
            hour = hour % 12 + (12 if half == "pm" else 0)
        offset = _offset(found["z"])
        at = datetime(year, month, day, hour, int(found["i"] or 0), int(found["s"] or 0))  # noqa: DTZ001
    except (ValueError, KeyError):
        raise ValueError(f"A date like {_DATE_EXAMPLES[order]} is expected.") from None
    return at, offset


_DATE_EXAMPLES = {
    Days.YMD: "2026-11-21 or 2026/11/21 09:30",
    Days.MDY: "11/21/2026 or 2026-11-21",
    Days.DMY: "21/11/2026 or 2026-11-21",
    Days.EPOCH: "1795250000",
}


def _arranged(first: str, second: str, third: str, order: Days) -> tuple[int, int, int]:
    if len(first) > 2:
        return int(first), int(second), int(third)
    if order is Days.YMD and len(third) <= 2:
        return _year(first), int(second), int(third)
    if order is Days.DMY:
        return _year(third), int(second), int(first)
    if order is Days.MDY:
        return _year(third), int(first), int(second)
    raise ValueError


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _offset(text: str | None) -> timedelta | None:
    if not text:
        return None
    if text[0].isalpha():
        return timedelta(hours=_ZONES[text])
    digits = text[1:].replace(":", "")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -distance if text[0] == "-" else distance


def _word(cell: Cell, choices: tuple[str, ...]) -> str:
    word = as_text(cell).casefold().replace(" ", "_").replace("-", "_")
    if word not in choices:
        raise ValueError(f"One of {', '.join(choices)} is expected.")
    return word


def _currency(cell: Cell) -> str:
    code = as_text(cell).upper()
    if code not in EXPONENTS:
        raise ValueError("An ISO 4217 currency like USD is expected.")
    return code
