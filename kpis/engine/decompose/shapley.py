"""Shapley: a factor's contribution is its mean marginal effect over all orders of changing the factors.

The weight of a set S of factors changed before is |S|!·(n − |S| − 1)!/n! (Shapley 1953; Albrecht et al. 2002
for decompositions). It is exact for any function: margins in per cent, fees with tiers, signs that change.
It looks at 2^n points, so n is limited to 8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import combinations
from math import factorial

from kpis.engine.decompose.numbers import Number, Undecomposable, to_fraction

MOST_FACTORS = 8

Function = Callable[[Mapping[str, Fraction]], Fraction]


def product(factors: Mapping[str, Fraction]) -> Fraction:
    """The product of all factors."""
    value = Fraction(1)
    for factor in factors.values():
        value *= factor
    return value


def shapley(
    f0: Mapping[str, Number], f1: Mapping[str, Number], function: Function = product
) -> dict[str, Fraction]:
    """Split function(f1) − function(f0) over the factors; the parts add up to it exactly.

    `ValueError` when the factors differ, `Undecomposable` for more than 8 or where the function has no value
    at one of the points between.
    """
    if set(f0) != set(f1):
        raise ValueError("the same factors are needed before and after")
    names = tuple(f0)
    if len(names) > MOST_FACTORS:
        raise Undecomposable(f"Shapley takes at most {MOST_FACTORS} factors, not {len(names)}: group some")
    before = {name: to_fraction(f0[name]) for name in names}
    after = {name: to_fraction(f1[name]) for name in names}
    values: dict[frozenset[str], Fraction] = {}
    for size in range(len(names) + 1):
        for changed in combinations(names, size):
            point = {name: (after if name in changed else before)[name] for name in names}
            values[frozenset(changed)] = _value(function, point)
    return {name: _contribution(name, names, values) for name in names}


def _value(function: Function, point: Mapping[str, Fraction]) -> Fraction:
    try:
        return function(point)
    except ZeroDivisionError:
        raise Undecomposable("the figure is undefined for some of the factors: they reach zero") from None


def _contribution(name: str, names: tuple[str, ...], values: Mapping[frozenset[str], Fraction]) -> Fraction:
    n, total = len(names), Fraction(0)
    for changed, value in values.items():
        if name not in changed:
            weight = Fraction(factorial(len(changed)) * factorial(n - len(changed) - 1), factorial(n))
            total += weight * (values[changed | {name}] - value)
    return total
