"""How amounts are rounded: half away from zero, on integers and fractions, so that nothing else is lost."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

CENT = Fraction(1, 100)
"""The step of net revenue, of fees freed of their tax, and of advertising: 0.01 in every currency."""


def half_up(numerator: int, denominator: int) -> int:
    """The integer nearest to numerator/denominator; halves go away from zero. The denominator is positive."""
    if numerator < 0:
        return -((denominator - 2 * numerator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def to_step(value: Fraction, step: Fraction) -> Fraction:
    """The multiple of `step` nearest to `value`; halves go away from zero."""
    steps = value / step
    return half_up(steps.numerator, steps.denominator) * step


def as_decimal(value: Fraction) -> Decimal:
    """The same number as a `Decimal`, to the last digit; ValueError for one that has no end (1/3)."""
    digits, rest = 0, value.denominator
    while rest != 1:
        shared = 10 if rest % 10 == 0 else 5 if rest % 5 == 0 else 2
        if rest % shared:
            raise ValueError(f"{value} has no end as a decimal")
        rest //= shared
        digits += 1
    # Each digit takes away at most one factor 2 and one factor 5, so 10**digits holds the denominator.
    scaled = value.numerator * (10**digits // value.denominator)
    return Decimal((int(scaled < 0), tuple(int(digit) for digit in str(abs(scaled))), -digits))


def to_places(value: Fraction, places: int) -> Decimal:
    """Rounded half away from zero to so many decimals, and written with all of them."""
    steps = value * 10**places
    whole = half_up(steps.numerator, steps.denominator)
    return Decimal((int(whole < 0), tuple(int(digit) for digit in str(abs(whole))), -places))
