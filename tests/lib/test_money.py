"""Money: exact, one currency at a time, rounded as ISO 4217 says."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.errors import Invalid
from config.lib.money import EXPONENTS, CurrencyMismatch, Money, UnknownCurrency, exponent

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=4)
CURRENCIES = st.sampled_from(sorted(EXPONENTS))


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        *(("USD", 2), ("EUR", 2), ("CNY", 2), ("MXN", 2), ("SGD", 2), ("THB", 2), ("GBP", 2), ("HUF", 2)),
        *(("JPY", 0), ("KRW", 0), ("CLP", 0), ("VND", 0), ("ISK", 0), ("PYG", 0), ("XAF", 0), ("UGX", 0)),
        *(("BHD", 3), ("KWD", 3), ("OMR", 3), ("JOD", 3), ("TND", 3), ("IQD", 3), ("LYD", 3)),
        *(("CLF", 4), ("UYW", 4)),
    ],
)
def test_exponents_are_those_of_iso_4217(currency: str, digits: int) -> None:
    """The currencies that differ from two decimals, and those of our markets."""
    assert exponent(currency) == digits


@pytest.mark.parametrize("currency", ["usd", "XXX", "XAU", "", "US", "DEM", "USDT"])
def test_other_codes_are_unknown(currency: str) -> None:
    """Lower case, metals, withdrawn and invented codes are no currencies."""
    with pytest.raises(UnknownCurrency):
        Money.zero(currency)


@given(AMOUNTS, AMOUNTS, CURRENCIES)
def test_adding_is_exact_and_undone_by_subtracting(one: Decimal, two: Decimal, currency: str) -> None:
    """(a + b) − b is a, to the last digit."""
    first, second = Money(one, currency), Money(two, currency)
    assert first + second - second == first
    assert (first + second).amount == one + two
    assert Money.zero(currency) - first == -first


@given(AMOUNTS, CURRENCIES)
def test_rounding_keeps_the_currencys_digits_and_at_most_half_a_unit(amount: Decimal, currency: str) -> None:
    """Half up, away from the exact amount by at most half of the smallest unit."""
    rounded = Money(amount, currency).quantise().amount
    unit = Decimal(1).scaleb(-exponent(currency))
    assert rounded == rounded.quantize(unit)
    assert abs(rounded - amount) <= unit / 2


def test_halves_go_up_unless_told_otherwise() -> None:
    """ROUND_HALF_UP: away from zero, on both sides."""
    assert Money(Decimal("0.125"), "USD").quantise().amount == Decimal("0.13")
    assert Money(Decimal("-0.125"), "USD").quantise().amount == Decimal("-0.13")
    assert Money(Decimal("99.5"), "JPY").quantise().amount == Decimal("100")
    assert Money(Decimal("0.129"), "USD").quantise(ROUND_DOWN).amount == Decimal("0.12")


@given(AMOUNTS, CURRENCIES)
def test_json_reads_back(amount: Decimal, currency: str) -> None:
    """What is shown is read as the same amount, in plain digits."""
    shown = Money(amount, currency).to_json()
    assert "E" not in shown["amount"].upper()
    assert Money.parse(shown["amount"], shown["currency"]) == Money(amount, currency)


def test_json_has_the_currencys_decimals_and_hides_none() -> None:
    """12.3 USD is shown as 12.30, a unit cost of 0.0125 stays whole."""
    assert Money.parse("12.3", "USD").to_json() == {"amount": "12.30", "currency": "USD"}
    assert Money.parse("0.0125", "USD").to_json()["amount"] == "0.0125"
    assert Money.parse(1200, "JPY").to_json()["amount"] == "1200"
    assert Money.parse("1e3", "BHD").to_json()["amount"] == "1000.000"


@pytest.mark.parametrize("value", [1.5, True, None, b"1", [1]])
def test_floats_and_strangers_are_type_errors(value: Any) -> None:
    """A float is never read, not even a whole one."""
    with pytest.raises(TypeError):
        Money.parse(value, "USD")
    with pytest.raises(TypeError):
        Money(value, "USD")


@pytest.mark.parametrize(
    "value", ["", "abc", "1,5", "1_000", "NaN", "Infinity", "1e999999", "1e-50", "--1", "１e", Decimal("NaN")]
)
def test_texts_that_are_no_amount_are_invalid(value: Any) -> None:
    """Hostile exponents too: nobody makes us write out a million digits."""
    with pytest.raises(Invalid):
        Money.parse(value, "USD")


def test_currencies_do_not_mix() -> None:
    """Adding or comparing two currencies fails; so does money times money or a float."""
    dollar, yen = Money(Decimal(1), "USD"), Money(Decimal(1), "JPY")
    with pytest.raises(CurrencyMismatch):
        dollar + yen
    with pytest.raises(CurrencyMismatch):
        assert dollar < yen
    with pytest.raises(TypeError):
        dollar * dollar  # type: ignore[operator]
    with pytest.raises(TypeError):
        dollar * 1.5  # type: ignore[operator]
    with pytest.raises(TypeError):
        dollar + 1  # type: ignore[operator]
    assert 3 * dollar == Money(Decimal(3), "USD")
    assert dollar != yen
