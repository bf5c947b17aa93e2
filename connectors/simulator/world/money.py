"""Rounding of the world's amounts: half up, to what the currency can pay."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

STEP = {"USD": Decimal("0.01"), "MXN": Decimal("0.01"), "CNY": Decimal("0.01"), "JPY": Decimal(1)}
ZERO = Decimal(0)


def to_money(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the smallest coin of the currency."""
    return amount.quantize(STEP[currency], rounding=ROUND_HALF_UP)


def as_decimal(number: float, places: int = 6) -> Decimal:
    """A drawn number as an exact decimal of so many places."""
    return Decimal(f"{number:.{places}f}")


def is_tie(amount: Decimal, currency: str) -> bool:
    """Whether rounding the amount would depend on what is done with an exact half."""
    return amount != amount.to_integral_value() and (amount / STEP[currency]) % 1 == Decimal("0.5")
