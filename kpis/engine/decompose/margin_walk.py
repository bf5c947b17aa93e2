"""The margin walk: from one margin to another, cost line by cost line, in points of net sales and in money.

A margin is 1 − Σs_i with s_i = cost_i / net sales, so Δmargin = −ΣΔs_i exactly (domain reference, §4). In
money the walk is Δnet sales − ΣΔcost_i, just as exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from kpis.engine.decompose.numbers import Number, Undecomposable, to_fraction


@dataclass(frozen=True, slots=True)
class Walk:
    """Margins before and after as shares of net sales, and what each line did to them.

    `points` holds −Δs_i (0.01 is one percentage point), `money` −Δcost_i; `sales` is Δnet sales.
    """

    before: Fraction
    after: Fraction
    points: Mapping[str, Fraction]
    sales: Fraction
    money: Mapping[str, Fraction]

    @property
    def total_points(self) -> Fraction:
        """after − before."""
        return sum(self.points.values(), Fraction(0))

    @property
    def total_money(self) -> Fraction:
        """The change of the margin in money."""
        return self.sales + sum(self.money.values(), Fraction(0))


def margin_walk(
    net0: Number, costs0: Mapping[str, Number], net1: Number, costs1: Mapping[str, Number]
) -> Walk:
    """Split the change of (net − Σcosts)/net; a line that one period lacks costs nothing in it.

    `Undecomposable` when a period has no net sales: there is no margin in per cent then.
    """
    if not net0 or not net1:
        raise Undecomposable("without net sales there is no margin in per cent")
    n0, n1 = to_fraction(net0), to_fraction(net1)
    shares: dict[str, Fraction] = {}
    money: dict[str, Fraction] = {}
    for line in {**costs0, **costs1}:
        c0, c1 = to_fraction(costs0.get(line, 0)), to_fraction(costs1.get(line, 0))
        shares[line] = c0 / n0 - c1 / n1
        money[line] = c0 - c1
    return Walk(_margin(n0, costs0), _margin(n1, costs1), shares, n1 - n0, money)


def _margin(net: Fraction, costs: Mapping[str, Number]) -> Fraction:
    return (net - sum((to_fraction(cost) for cost in costs.values()), Fraction(0))) / net
