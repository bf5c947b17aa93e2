"""Exchange rates: through the euro, of the last published day, never silently old."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.fx import FXRateMissing, FXRateStale, FXTable
from config.lib.money import Money, UnknownCurrency

FRIDAY = date(2026, 11, 20)
TABLE = FXTable(
    {
        FRIDAY: {"USD": Decimal("1.2500"), "JPY": Decimal("160.00"), "MXN": Decimal("20.0000")},
        FRIDAY - timedelta(days=1): {"USD": Decimal("1.2000"), "JPY": Decimal("150"), "THB": Decimal("38")},
    }
)


def test_cross_rates_go_through_the_euro() -> None:
    """160 JPY and 1.25 USD per euro make 128 JPY per USD."""
    assert TABLE.rate("USD", "JPY", FRIDAY) == (Decimal(128), FRIDAY)
    assert TABLE.rate("EUR", "USD", FRIDAY) == (Decimal("1.25"), FRIDAY)
    assert TABLE.rate("USD", "EUR", FRIDAY) == (Decimal("0.8"), FRIDAY)


def test_a_weekend_uses_fridays_rate_and_says_so() -> None:
    """The converted amount carries its rate and the day that was published."""
    found = TABLE.convert(Money(Decimal("10.01"), "USD"), "JPY", FRIDAY + timedelta(days=2))
    assert found.money == Money(Decimal("1281.28"), "JPY")
    assert (found.rate, found.rate_on) == (Decimal(128), FRIDAY)


def test_both_legs_are_of_the_same_day() -> None:
    """A currency missing on the last day takes the other one back with it."""
    rate, day = TABLE.rate("THB", "USD", FRIDAY)
    assert day == FRIDAY - timedelta(days=1)
    assert rate == Decimal("1.2") / Decimal(38)


def test_missing_and_stale_rates_are_different_errors() -> None:
    """Before the first day nothing is known; after a week the last rate is too old."""
    with pytest.raises(FXRateMissing):
        TABLE.rate("USD", "JPY", FRIDAY - timedelta(days=2))
    with pytest.raises(FXRateMissing):
        TABLE.rate("USD", "SGD", FRIDAY)
    assert TABLE.rate("USD", "JPY", FRIDAY + timedelta(days=7))[1] == FRIDAY
    with pytest.raises(FXRateStale):
        TABLE.rate("USD", "JPY", FRIDAY + timedelta(days=8))
    with pytest.raises(UnknownCurrency):
        TABLE.rate("USD", "XXX", FRIDAY)


def test_the_same_currency_needs_no_rate() -> None:
    """Nothing is looked up, and the amount stays as it is."""
    found = FXTable({}).convert(Money(Decimal("1.23"), "USD"), "USD", FRIDAY)
    assert (found.money, found.rate, found.rate_on) == (Money(Decimal("1.23"), "USD"), Decimal(1), FRIDAY)


@pytest.mark.parametrize("rate", [Decimal(0), Decimal(-1), Decimal("NaN"), 1.5])
def test_nonsense_rates_are_refused_when_the_table_is_made(rate: Decimal) -> None:
    """A rate is a positive exact number."""
    with pytest.raises(ValueError, match="no exchange rate"):
        FXTable({FRIDAY: {"USD": rate}})


@given(st.decimals(min_value="0.01", max_value=10**9, places=2), st.sampled_from(["USD", "JPY", "MXN"]))
def test_there_and_back_loses_less_than_a_billionth(amount: Decimal, currency: str) -> None:
    """28 digits are carried, so a round trip is exact for every practical purpose."""
    there = TABLE.convert(Money(amount, currency), "EUR", FRIDAY).money
    back = TABLE.convert(there, currency, FRIDAY).money
    assert abs(back.amount - amount) <= amount * Decimal("1e-20")
