"""How ratios of several stores combine: by their sums, never by the mean of their values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpis.engine.decompose.numbers import Number, Undecomposable, to_fraction


def ratio_of_sums(parts: Sequence[tuple[Number, Number]]) -> Fraction:
    """Σ numerator / Σ denominator of (numerator, denominator) pairs: the right way."""
    denominator = sum((to_fraction(part[1]) for part in parts), Fraction(0))
    if not denominator:
        raise Undecomposable("the denominators add up to zero, so there is no ratio")
    return sum((to_fraction(part[0]) for part in parts), Fraction(0)) / denominator


def mean_of_ratios(parts: Sequence[tuple[Number, Number]]) -> Fraction:
    """The wrong way, to show how far off it is: every store weighs the same whatever its size."""
    if not parts or not all(denominator for _, denominator in parts):
        raise Undecomposable("a store without a denominator has no ratio")
    ratios = (to_fraction(numerator) / to_fraction(denominator) for numerator, denominator in parts)
    return sum(ratios, Fraction(0)) / len(parts)
