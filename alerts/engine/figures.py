"""Numbers and instants as people of a language write them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

from alerts.engine.templates import UNITS
from config.lib.money import EXPONENTS, Money

#: Of the product's languages, the one whose habits of writing numbers hold. Spanish is that of Mexico.
LOCALES = {"zh-Hans": "zh_Hans_CN", "en": "en_US", "ja": "ja_JP", "es": "es_MX"}
_FEW = Decimal(100)


def number_text(number: Decimal | None, unit: str, language: str) -> str:
    """A number in its unit: money with its currency, fractions in percent, days and counts in words.

    "–" for none. Money is rounded to what the currency has, percent to two places, others to two places
    below a hundred and else to one; whole numbers stay whole.
    """
    if number is None:
        return "–"
    locale = Locale.parse(LOCALES[language])
    if unit in EXPONENTS:
        return format_currency(Money(number, unit).quantise().amount, unit, locale=locale)
    if unit == "fraction":
        return format_percent(
            number, "#,##0.##%" if locale.language != "es" else "#,##0.##\xa0%", locale=locale
        )
    places = "#,##0.##" if abs(number) < _FEW else "#,##0.#"
    text = format_decimal(number, places, locale=locale)
    words = UNITS[language].get(unit)
    if words is None:
        return text
    one, many = words
    return (one if number == 1 else many).format(number=text)


def instant_text(at: datetime | None, time_zone: str, language: str) -> str:
    """An instant at the reader's place, with the offset to UTC, which is the same word everywhere."""
    if at is None:
        return "–"
    zone = ZoneInfo(time_zone)
    text = format_datetime(at, "medium", tzinfo=zone, locale=Locale.parse(LOCALES[language]))
    offset = format_datetime(at, "xxx", tzinfo=zone, locale=Locale.parse("en"))
    return f"{text} (UTC{'' if offset == '+00:00' else offset})"
