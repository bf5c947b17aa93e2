"""Is a cell read as it was meant, in every style, and refused where it is in doubt?"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.platforms.csv_upload.values import (
    Days,
    Decimals,
    Styles,
    parse_day,
    parse_flag,
    parse_instant,
    parse_number,
    parse_rate,
)

TOKYO = Styles(Decimals.POINT, Days.YMD, ZoneInfo("Asia/Tokyo"))
# As they are written, without a zone.
FIRST, LAST = datetime(2020, 1, 1), datetime(2030, 1, 1)  # noqa: DTZ001
NINE = datetime(2026, 11, 21, 9)  # noqa: DTZ001
MARKS = {Decimals.POINT: (",", "."), Decimals.COMMA: (".", ","), Decimals.SPACE: (" ", ",")}
NUMBERS = st.decimals(min_value=-(10**12), max_value=10**12, places=4, allow_nan=False)


@given(NUMBERS, st.sampled_from(Decimals), st.booleans())
def test_a_number_comes_back_from_every_style(value: Decimal, style: Decimals, grouped: bool) -> None:
    """Grouped or not, whatever the marks."""
    group, mark = MARKS[style]
    text = f"{value:,.4f}" if grouped else f"{value:.4f}"
    written = text.replace(",", "\0").replace(".", mark).replace("\0", group)
    assert parse_number(written, style) == value


@given(NUMBERS)
def test_accounting_and_trailing_signs_are_less_than_zero(value: Decimal) -> None:
    """(12.50) and 12.50- are -12.50."""
    assert parse_number(f"({abs(value)})", Decimals.POINT) == -abs(value)
    assert parse_number(f"{abs(value)}-", Decimals.POINT) == -abs(value)


@given(st.text(max_size=12))
def test_no_text_crashes_the_reader(text: str) -> None:
    """Whatever stands in a cell, it is read or refused with a reason."""
    for style in Decimals:
        with suppress(ValueError):
            assert parse_number(text, style).is_finite()
    for order in Days:
        with suppress(ValueError):
            assert parse_instant(text, Styles(Decimals.POINT, order, ZoneInfo("UTC"))).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("￥１２，８００", Decimals.POINT, "12800"),
        ("$1,234.50", Decimals.POINT, "1234.50"),
        ("12 800,5 €", Decimals.SPACE, "12800.5"),
        ("1\u202f234,56", Decimals.SPACE, "1234.56"),
        ("−3.5", Decimals.POINT, "-3.5"),
        (".5", Decimals.POINT, "0.5"),
        ("3,980円", Decimals.POINT, "3980"),
        ("1.234", Decimals.COMMA, "1234"),
    ],
)
def test_numbers_as_people_write_them(text: str, style: Decimals, value: str) -> None:
    """Full-width digits, currency signs, narrow spaces."""
    assert parse_number(text, style) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["1,23", "1.234,5", "12,3456", "1e5", "NaN", "inf", "--3", "", "-", "1 2", "=1+1"]
)
def test_what_is_no_number_in_this_style_is_refused(text: str) -> None:
    """1,23 in a file with decimal points is a fault, not 123."""
    with pytest.raises(ValueError, match="number"):
        parse_number(text, Decimals.POINT)


def test_rates_are_fractions() -> None:
    """93% and 0.93 are the same."""
    assert parse_rate("93%", Decimals.POINT) == parse_rate("0.93", Decimals.POINT) == Decimal("0.93")
    assert parse_rate("1,5 %", Decimals.COMMA) == Decimal("0.015")


DAY_TEXTS = {
    Days.YMD: ["2026-11-21", "2026/11/21", "2026年11月21日", "26/11/21", "2026.11.21", "Nov 21, 2026"],
    Days.MDY: ["11/21/2026", "11/21/26", "2026-11-21", "21-Nov-2026", "November 21, 2026"],
    Days.DMY: ["21/11/2026", "21.11.26", "21 de noviembre de 2026", "2026-11-21", "21 nov 2026"],
}


@pytest.mark.parametrize(
    ("order", "text"), [(order, text) for order, texts in DAY_TEXTS.items() for text in texts]
)
def test_days_in_every_style(order: Days, text: str) -> None:
    """One day, however it is written."""
    styles = Styles(Decimals.POINT, order, ZoneInfo("UTC"))
    assert parse_day(text, styles) == date(2026, 11, 21)
    assert parse_day(f"{text} 9:05", styles) == date(2026, 11, 21)


@given(st.datetimes(FIRST, LAST), st.sampled_from([Days.YMD, Days.MDY, Days.DMY]))
def test_moments_come_back_from_every_order(at: datetime, order: Days) -> None:
    """Written on the shop's clock and read as UTC."""
    at = at.replace(microsecond=0)
    form = {Days.YMD: "%Y/%m/%d %H:%M:%S", Days.MDY: "%m/%d/%Y %I:%M:%S %p", Days.DMY: "%d.%m.%Y %H:%M:%S"}[
        order
    ]
    read = parse_instant(at.strftime(form), Styles(Decimals.POINT, order, ZoneInfo("Asia/Tokyo")))
    assert read == at.replace(tzinfo=UTC) - timedelta(hours=9)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-21T12:00:00+09:00", 3),
        ("2026-11-21 12:00:00 UTC", 12),
        ("2026/11/21 12:00 JST", 3),
        ("2026-11-21 04:00:00 PST", 12),
        ("21 de noviembre de 2026 12:00 hs.", 3),
        ("2026年11月21日 12時00分", 3),
    ],
)
def test_a_zone_of_its_own_wins(text: str, hour: int) -> None:
    """Only a moment without one is read on the profile's clock (Tokyo here)."""
    assert parse_instant(text, TOKYO).hour == hour


def test_epochs_and_workbook_dates() -> None:
    """Milliseconds as Walmart writes them; a workbook's date is on the profile's clock."""
    epoch = Styles(Decimals.POINT, Days.EPOCH, ZoneInfo("UTC"))
    assert parse_instant("1795262400000", epoch) == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert parse_instant(NINE, TOKYO) == datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["45982", "11/21/2026", "2026-02-30", "2026-11-21 25:00", "2026-11-21 10:00 XYZ"]
)
def test_doubtful_dates_are_refused(text: str) -> None:
    """A serial number, another order, a day that is not there."""
    with pytest.raises(ValueError, match="date"):
        parse_day(text, TOKYO)


def test_yes_and_no_in_our_languages() -> None:
    """English, Chinese, Japanese, Spanish."""
    assert [parse_flag(word) for word in ("Yes", "是", "はい", "SÍ", "no", "否", "いいえ")] == [True] * 4 + [
        False
    ] * 3
