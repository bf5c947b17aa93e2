"""What a number is made of, so that money is never added to hours: exponents of money, count, days and such.

Fractions, indices and multiples are pure numbers (no exponents). A number that is written in a formula has no
dimension of its own (`BARE`): it scales anything, and may stand beside anything but money, because it does
not say in which currency it is; 0 may stand beside money too.
"""

from __future__ import annotations

from dataclasses import dataclass

from kpis.engine.definitions import KPI, Ratio
from kpis.engine.linear import Linear
from kpis.engine.measures import Measures
from kpis.types import Unit

_BASES = frozenset({"money", "count", "days", "hours", "stars", "score", "rank", "level"})


@dataclass(frozen=True, slots=True)
class Dimension:
    """Exponents by base, sorted, none of them 0; `is_bare`: a written number, `is_truth`: a comparison."""

    exponents: tuple[tuple[str, int], ...] = ()
    is_bare: bool = False
    is_zero: bool = False
    is_truth: bool = False

    def times(self, other: Dimension, sign: int = 1) -> Dimension:
        """The dimension of the product, or of the quotient for `sign` −1."""
        found = dict(self.exponents)
        for base, exponent in other.exponents:
            found[base] = found.get(base, 0) + sign * exponent
        return Dimension(
            tuple(sorted((base, exponent) for base, exponent in found.items() if exponent)),
            is_bare=self.is_bare and other.is_bare,
        )

    def fits(self, other: Dimension) -> bool:
        """May the two be added, compared, or stand for one another?"""
        if self.is_truth or other.is_truth:
            return False
        if self.is_bare or other.is_bare:
            zero = (self.is_bare and self.is_zero) or (other.is_bare and other.is_zero)
            return zero or not (self._holds_money or other._holds_money)
        return self.exponents == other.exponents

    @property
    def _holds_money(self) -> bool:
        return any(base == "money" for base, _ in self.exponents)

    def __str__(self) -> str:
        if self.is_truth:
            return "a comparison"
        if self.is_bare:
            return "a bare number"
        above = [_power(base, n) for base, n in self.exponents if n > 0]
        below = [_power(base, -n) for base, n in self.exponents if n < 0]
        if not above and not below:
            return "a pure number"
        return " × ".join(above or ["1"]) + "".join(f" / {base}" for base in below)


PURE = Dimension()
BARE = Dimension(is_bare=True)
BARE_ZERO = Dimension(is_bare=True, is_zero=True)
TRUTH = Dimension(is_truth=True)
DAYS = Dimension((("days", 1),))


def of_unit(unit: Unit) -> Dimension:
    """The dimension of a unit; fractions, indices, multiples and the like are pure."""
    return Dimension(((unit.value, 1),)) if unit.value in _BASES else PURE


def of_kpi(kpi: KPI, measures: Measures) -> Dimension:
    """The dimension of a KPI: of numerator over denominator where the unit is money, else of its unit.

    A KPI in stars is a mean of counts and stays in stars.
    """
    if kpi.unit is Unit.MONEY and isinstance(kpi, Ratio):
        return _of_linear(kpi.numerator, measures).times(_of_linear(kpi.denominator, measures), -1)
    return of_unit(kpi.unit)


def allows(unit: Unit, found: Dimension) -> bool:
    """May a formula of dimension `found` be shown in `unit`? Money may also be money per piece."""
    if found.is_truth:
        return False
    if unit is Unit.MONEY:
        return found.exponents in {(("money", 1),), (("count", -1), ("money", 1))}
    return found.is_bare or found.exponents == of_unit(unit).exponents


def _of_linear(linear: Linear, measures: Measures) -> Dimension:
    return of_unit(measures[next(key for _, key in linear.terms)].unit)


def _power(base: str, exponent: int) -> str:
    return base if exponent == 1 else f"{base}^{exponent}"
