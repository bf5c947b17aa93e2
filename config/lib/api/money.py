"""How amounts stand in requests and answers: {"amount": "1234.50", "currency": "MXN"}, and exact decimals."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction
from rest_framework import serializers

from config.lib.money import EXPONENTS, Money, exponent

# Facts keep money as numeric(18, 4).
_WHOLE_DIGITS = 14
_DECIMALS = 4
_PLAIN_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)


class DecimalString(serializers.Field[Decimal, str, str, Any]):
    """An exact number, written as text both ways ("0.0125"); JSON numbers are refused.

    `max_decimals` and `max_whole` limit its digits, `minimum` and `maximum` its value (both included).
    """

    default_error_messages = {
        "not_text": gettext_lazy('Write the number as text, for example "12.30".'),
        "malformed": gettext_lazy("This is no plain decimal number."),
        "too_long": gettext_lazy(
            "There are too many digits: at most {whole} before and {decimals} after the point."
        ),
        "too_small": gettext_lazy("It must be at least {limit}."),
        "too_large": gettext_lazy("It must be at most {limit}."),
    }

    def __init__(
        self,
        *,
        max_decimals: int = _DECIMALS,
        max_whole: int = _WHOLE_DIGITS,
        minimum: Decimal | None = None,
        maximum: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.max_decimals = max_decimals
        self.max_whole = max_whole
        self.minimum = minimum
        self.maximum = maximum

    def to_internal_value(self, data: Any) -> Decimal:
        """Read a text."""
        if not isinstance(data, str):
            self.fail("not_text")
        if len(data) > 100 or not _PLAIN_DECIMAL.fullmatch(data):
            self.fail("malformed")
        whole, _, decimals = data.lstrip("-").partition(".")
        if len(whole) > self.max_whole or len(decimals) > self.max_decimals:
            self.fail("too_long", whole=self.max_whole, decimals=self.max_decimals)
        number = Decimal(data)
        if self.minimum is not None and number < self.minimum:
            self.fail("too_small", limit=self.minimum)
        if self.maximum is not None and number > self.maximum:
            self.fail("too_large", limit=self.maximum)
        return number

    def to_representation(self, value: Decimal) -> str:
        """Write a Decimal as plain text, its digits kept."""
        if not isinstance(value, Decimal):
            raise TypeError(f"expected a Decimal, not {type(value).__name__}")
        return format(value, "f")


class MoneyField(serializers.Field[Money, dict[str, str], dict[str, str], Any]):
    """An amount with its currency, as `Money` inside.

    `minor_units` refuses more decimals than the currency has (prices); without it four are allowed (unit
    costs). `minimum` is the smallest amount allowed, whatever the currency.
    """

    default_error_messages = {
        "shape": gettext_lazy('Write {{"amount": "12.30", "currency": "USD"}}.'),
        "amount": gettext_lazy("This is no plain decimal amount, written as text."),
        "too_long": gettext_lazy(
            "There are too many digits: at most {whole} before and {decimals} after the point."
        ),
        "currency": gettext_lazy("ISO 4217 has no such currency."),
        "too_small": gettext_lazy("The amount must be at least {limit}."),
    }

    def __init__(self, *, minor_units: bool = False, minimum: Decimal | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minor_units = minor_units
        self.minimum = minimum

    def to_internal_value(self, data: Any) -> Money:
        """Read the object; unknown members are refused."""
        if not isinstance(data, dict) or set(data) != {"amount", "currency"}:
            self.fail("shape")
        amount, currency = data["amount"], data["currency"]
        if not isinstance(currency, str) or currency not in EXPONENTS:
            self.fail("currency")
        if not isinstance(amount, str) or len(amount) > 100 or not _PLAIN_DECIMAL.fullmatch(amount):
            self.fail("amount")
        allowed = exponent(currency) if self.minor_units else _DECIMALS
        whole, _, decimals = amount.lstrip("-").partition(".")
        if len(whole) > _WHOLE_DIGITS or len(decimals) > allowed:
            self.fail("too_long", whole=_WHOLE_DIGITS, decimals=allowed)
        money = Money.parse(amount, currency)
        if self.minimum is not None and money.amount < self.minimum:
            self.fail("too_small", limit=self.minimum)
        return money

    def to_representation(self, value: Money) -> dict[str, str]:
        """Write the object, with at least the currency's decimals."""
        return value.to_json()


class DecimalStringSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Describes `DecimalString`."""

    target_class = "config.lib.api.money.DecimalString"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """Return the schema of an exact number in text."""
        return {
            "type": "string",
            "format": "decimal",
            "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$",
            "maxLength": 100,
            "examples": ["12.30"],
        }


class MoneySchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Describes `MoneyField` as the component `Money`."""

    target_class = "config.lib.api.money.MoneyField"

    def get_name(self) -> str:
        """Return the component's name."""
        return "Money"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """Return the schema of an amount with its currency."""
        return {
            "type": "object",
            "description": "An exact amount and its ISO 4217 currency.",
            "properties": {
                "amount": {
                    "type": "string",
                    "format": "decimal",
                    "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$",
                    "maxLength": 100,
                },
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            },
            "required": ["amount", "currency"],
            "additionalProperties": False,
            "examples": [{"amount": "1234.50", "currency": "MXN"}],
        }
