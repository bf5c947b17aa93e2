"""LMDI-I: splits the change of a product of factors by logarithmic mean weights (Ang 2005, Energy Policy 33).

For V = Πx_k the contribution of factor k is L(V1, V0)·ln(x_k1/x_k0), with L(a, b) = (a − b)/(ln a − ln b) and
L(a, a) = a. Nothing is left over and the order of the factors plays no part. Over sub-groups i (stores, SKUs)
the contributions are Σ_i L(V_i1, V_i0)·ln(x_ik1/x_ik0): they may be added up to any level.

A zero is replaced by 1e-10 of the factor's other value (Ang & Liu 2007) where a logarithm is taken; the
change that is split stays the true one, so the parts still add up to it. Where a factor changes its
sign there is no logarithm at all: `Undecomposable`, use Shapley.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpis.engine.decompose.numbers import Number, Undecomposable, precisely, to_decimal

SMALL = Decimal("1e-10")

Factors = Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Additive:
    """V before and after, the logarithmic mean (of all groups together) and each factor's contribution."""

    before: Decimal
    after: Decimal
    log_mean: Decimal
    contributions: Mapping[str, Decimal]

    @property
    def change(self) -> Decimal:
        """after − before."""
        with precisely():
            return self.after - self.before

    @property
    def total(self) -> Decimal:
        """What the contributions add up to; equals `change` to 40 digits, shown so that it can be seen."""
        with precisely():
            return sum(self.contributions.values(), Decimal(0))


def additive(f0: Factors, f1: Factors) -> Additive:
    """Split V1 − V0 of one product of factors."""
    return additive_groups([(f0, f1)])


def additive_groups(groups: Sequence[tuple[Factors, Factors]]) -> Additive:
    """Split the change of a sum of products; every group has the same factors."""
    names = _names(groups)
    with precisely():
        contributions = dict.fromkeys(names, Decimal(0))
        before = after = Decimal(0)
        for f0, f1 in groups:
            v0, v1 = product(f0), product(f1)
            before, after = before + v0, after + v1
            logs = {name: _log_ratio(name, to_decimal(f0[name]), to_decimal(f1[name])) for name in names}
            weight = _weight(v0, v1, sum(logs.values(), Decimal(0)))
            for name in names:
                contributions[name] += weight * logs[name]
        return Additive(before, after, log_mean(after, before), contributions)


def multiplicative(f0: Factors, f1: Factors) -> dict[str, Decimal]:
    """Split V1/V0 of one product: the ratio of each factor. Their product is V1/V0."""
    return multiplicative_groups([(f0, f1)])


def multiplicative_groups(groups: Sequence[tuple[Factors, Factors]]) -> dict[str, Decimal]:
    """Split V1/V0 of a sum of products: exp(Σ_i L(V_i1, V_i0)/L(V1, V0)·ln(x_ik1/x_ik0))."""
    found = additive_groups(groups)
    with precisely():
        if len(groups) == 1:
            f0, f1 = groups[0]
            return {name: _log_parts(to_decimal(f0[name]), to_decimal(f1[name])) for name in f0}
        if found.log_mean == 0:
            raise Undecomposable("a ratio from or to zero cannot be split")
        return {name: (part / found.log_mean).exp() for name, part in found.contributions.items()}


def product(factors: Factors) -> Decimal:
    """V of one group."""
    with precisely():
        value = Decimal(1)
        for factor in factors.values():
            value *= to_decimal(factor)
        return value


def log_mean(a: Decimal, b: Decimal) -> Decimal:
    """L(a, b): between the geometric and the arithmetic mean; 0 where one of them is 0."""
    with precisely():
        if a == b:
            return a
        if a == 0 or b == 0:
            return Decimal(0)
        if a / b < 0:
            raise Undecomposable("a logarithmic mean needs two values of one sign: use Shapley")
        return (a - b) / (a / b).ln()


def _names(groups: Sequence[tuple[Factors, Factors]]) -> tuple[str, ...]:
    names = tuple(groups[0][0])
    for f0, f1 in groups:
        if set(f0) != set(names) or set(f1) != set(names):
            raise ValueError("every group needs the same factors before and after")
    return names


def _weight(v0: Decimal, v1: Decimal, log_change: Decimal) -> Decimal:
    """L of a group: the true change over the sum of the logarithms taken."""
    if v0 == v1:
        # A group that did not change gives its value as weight, and its factors may still offset each other.
        return v0
    if log_change == 0:
        raise Undecomposable("zeros of two factors offset each other: use Shapley")
    return (v1 - v0) / log_change


def _log_ratio(name: str, x0: Decimal, x1: Decimal) -> Decimal:
    ratio = _log_parts(x0, x1)
    if ratio < 0:
        raise Undecomposable(f"{name} changes its sign, so it has no logarithm: use Shapley")
    return ratio.ln()


def _log_parts(x0: Decimal, x1: Decimal) -> Decimal:
    """x1/x0 with a zero replaced; two zeros have not changed."""
    if x0 == x1:
        return Decimal(1)
    return (x1 if x1 != 0 else x0 * SMALL) / (x0 if x0 != 0 else x1 * SMALL)
