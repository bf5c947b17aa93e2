"""How a check says what it found: a sentence with its figures, kept as a template that can be translated."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from kpis.types import Unit

TEMPLATE = "basis_template"
"""The name in a check's evidence under which the sentence stands before its figures were put in."""


def say(template: str, **figures: object) -> tuple[str, dict[str, str]]:
    """Return the sentence with its figures, and the figures with the template as a check's evidence."""
    told = {name: show(value) for name, value in figures.items()}
    return template.format(**told), {**told, TEMPLATE: template}


def show(value: object) -> str:
    """A figure as plain text: days and instants as ISO 8601, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def plain(value: Decimal, places: int = 6) -> str:
    """A number without needless zeros, rounded half up to `places`."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = format(abs(rounded) if rounded == 0 else rounded, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: Decimal | None) -> str:
    """A fraction in percent with one place; a dash for none."""
    return show(None) if share is None else f"{plain(share * 100, 1)} %"


def in_unit(value: Decimal | None, unit: Unit | str, currency: str = "") -> str:
    """A number as people read its unit: fractions in percent, money with its currency."""
    if value is None:
        return show(None)
    if unit == Unit.FRACTION:
        return percent(value)
    return f"{plain(value, 4)} {currency}".rstrip() if unit == Unit.MONEY else plain(value, 4)
