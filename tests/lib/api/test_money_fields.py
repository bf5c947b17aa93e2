"""Amounts and decimals in requests: text only, within limits, with a real currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.serializers import ValidationError

from config.lib.api.money import DecimalString, MoneyField
from config.lib.money import Money


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=4), st.sampled_from(["USD", "JPY", "BHD"]))
def test_money_reads_back(amount: Decimal, currency: str) -> None:
    """What an answer shows can be sent back as it is."""
    field = MoneyField()
    money = Money(amount + 0, currency)
    assert field.to_internal_value(field.to_representation(money)) == money


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("12.30 USD", "shape"),
        ({"amount": "1"}, "shape"),
        ({"amount": "1", "currency": "USD", "rate": "2"}, "shape"),
        ({"amount": 1, "currency": "USD"}, "amount"),
        ({"amount": "1,5", "currency": "USD"}, "amount"),
        ({"amount": "1e3", "currency": "USD"}, "amount"),
        ({"amount": "+1", "currency": "USD"}, "amount"),
        ({"amount": "01", "currency": "USD"}, "amount"),
        ({"amount": "1.", "currency": "USD"}, "amount"),
        ({"amount": "١", "currency": "USD"}, "amount"),
        ({"amount": "1" * 15, "currency": "USD"}, "too_long"),
        ({"amount": "1.00001", "currency": "USD"}, "too_long"),
        ({"amount": "1", "currency": "usd"}, "currency"),
        ({"amount": "1", "currency": "XXX"}, "currency"),
        ({"amount": "1", "currency": ["USD"]}, "currency"),
        ({"amount": "-0.01", "currency": "USD"}, "too_small"),
    ],
)
def test_other_money_is_refused_with_a_code(data: Any, code: str) -> None:
    """Each fault has its own stable code."""
    with pytest.raises(ValidationError) as caught:
        MoneyField(minimum=Decimal(0)).to_internal_value(data)
    assert caught.value.get_codes() == [code]


def test_prices_have_no_more_decimals_than_their_currency() -> None:
    """A yen has none, a dollar two, a unit cost four."""
    price = MoneyField(minor_units=True)
    assert price.to_internal_value({"amount": "12.34", "currency": "USD"}).amount == Decimal("12.34")
    for amount, currency in (("12.345", "USD"), ("1.5", "JPY")):
        with pytest.raises(ValidationError):
            price.to_internal_value({"amount": amount, "currency": currency})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (0.05, "not_text"),
        (5, "not_text"),
        ("five", "malformed"),
        ("1" * 200, "malformed"),
        ("0.00001", "too_long"),
        ("-0.1", "too_small"),
        ("1.0001", "too_large"),
    ],
)
def test_decimals_are_texts_within_their_limits(data: Any, code: str) -> None:
    """A share between 0 and 1."""
    field = DecimalString(minimum=Decimal(0), maximum=Decimal(1))
    assert field.to_internal_value("0.16") == Decimal("0.16")
    with pytest.raises(ValidationError) as caught:
        field.to_internal_value(data)
    assert caught.value.get_codes() == [code]


def test_decimals_are_written_plainly_and_floats_never() -> None:
    """No exponents in answers."""
    assert DecimalString().to_representation(Decimal("1E+2")) == "100"
    with pytest.raises(TypeError):
        DecimalString().to_representation(0.5)  # type: ignore[arg-type]
