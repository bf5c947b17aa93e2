"""The numbers of the decompositions: exact fractions, and decimals of 50 digits where logarithms come in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Context, Decimal, localcontext
from fractions import Fraction

DIGITS = 50

Number = int | Decimal | Fraction


class Undecomposable(ValueError):
    """The method is not defined for these figures; the message says why and what may be used instead."""


@contextmanager
def precisely() -> Iterator[Context]:
    """Compute decimals with 50 significant digits within the block."""
    with localcontext(prec=DIGITS) as context:
        yield context


def to_decimal(value: Number) -> Decimal:
    """The number as a decimal of 50 digits."""
    if isinstance(value, Fraction):
        with precisely():
            return Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(value)


def to_fraction(value: Number) -> Fraction:
    """The number as an exact fraction."""
    return Fraction(value)


def rounded(value: Number, places: int) -> Decimal:
    """The number to `places` decimal places, half to even; a zero has no sign."""
    with precisely():
        shown = round(to_decimal(value), places)
    return abs(shown) if shown == 0 else shown
