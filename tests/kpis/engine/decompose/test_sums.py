"""Do the contributions of every method add up to the change, whatever the figures?"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpis.engine.decompose import lmdi, pvm, shapley
from kpis.engine.decompose.aggregation import mean_of_ratios, ratio_of_sums
from kpis.engine.decompose.margin_walk import margin_walk
from kpis.engine.decompose.numbers import Undecomposable
from kpis.engine.decompose.rate_mix import Part, rate_mix

TOLERANCE = Decimal("1e-6")
AMOUNTS = st.decimals(min_value=-10_000, max_value=10_000, places=4, allow_nan=False)
POSITIVE = st.decimals(min_value="0.0001", max_value=10_000, places=4, allow_nan=False)
NOT_NEGATIVE = st.decimals(min_value=0, max_value=10_000, places=4, allow_nan=False)
NAMES = ("a", "b", "c", "d")
SKUS = st.sampled_from(["A", "B", "C", "D", "E"])


def factors(values: st.SearchStrategy[Decimal]) -> st.SearchStrategy[dict[str, Decimal]]:
    """Four factors."""
    return st.fixed_dictionaries(dict.fromkeys(NAMES, values))


GROUPS = st.lists(st.tuples(factors(POSITIVE), factors(POSITIVE)), min_size=1, max_size=4)


@given(GROUPS)
def test_lmdi_adds_up_over_groups(groups: list[tuple[dict[str, Decimal], dict[str, Decimal]]]) -> None:
    """Σ contributions = V1 − V0, and the groups' own contributions add up to those of all."""
    found = lmdi.additive_groups(groups)
    assert abs(found.total - found.change) <= TOLERANCE
    alone = [lmdi.additive(f0, f1) for f0, f1 in groups]
    for name in NAMES:
        assert abs(sum(a.contributions[name] for a in alone) - found.contributions[name]) <= TOLERANCE


@given(GROUPS)
def test_lmdi_multiplies_up(groups: list[tuple[dict[str, Decimal], dict[str, Decimal]]]) -> None:
    """Π of the multiplicative parts = V1/V0."""
    ratio = Decimal(1)
    for part in lmdi.multiplicative_groups(groups).values():
        ratio *= part
    found = lmdi.additive_groups(groups)
    assert abs(ratio / (found.after / found.before) - 1) <= TOLERANCE


@given(factors(NOT_NEGATIVE), factors(NOT_NEGATIVE))
def test_lmdi_takes_zeros(f0: dict[str, Decimal], f1: dict[str, Decimal]) -> None:
    """A factor that is zero before or after leaves nothing over either."""
    try:
        found = lmdi.additive(f0, f1)
    except Undecomposable:
        assume(False)
    assert abs(found.total - found.change) <= TOLERANCE


def test_lmdi_refuses_a_change_of_sign() -> None:
    """There is no logarithm, and the message names the method that works."""
    with pytest.raises(Undecomposable, match="Shapley"):
        lmdi.additive({"a": 1, "b": 2}, {"a": -1, "b": 2})
    assert shapley.shapley({"a": 1, "b": 2}, {"a": -1, "b": 2}) == {"a": -4, "b": 0}


@given(factors(AMOUNTS), factors(AMOUNTS))
def test_shapley_is_exact_for_any_function(f0: dict[str, Decimal], f1: dict[str, Decimal]) -> None:
    """Efficiency, for a function with products, a threshold and a sum."""

    def profit(x: object) -> Fraction:
        assert isinstance(x, dict)
        fee = Fraction(3) if x["d"] > 100 else Fraction(1, 3)
        return Fraction(x["a"] * x["b"] - x["c"] * fee)

    parts = shapley.shapley(f0, f1, profit)
    before, after = ({k: Fraction(v) for k, v in f.items()} for f in (f0, f1))
    assert sum(parts.values()) == profit(after) - profit(before)


@given(factors(AMOUNTS), factors(AMOUNTS))
def test_shapley_ignores_names_and_what_does_not_move(f0: dict[str, Decimal], f1: dict[str, Decimal]) -> None:
    """A factor that keeps its value gets nothing; the order of the factors changes nothing."""
    f1 = {**f1, "b": f0["b"]}
    parts = shapley.shapley(f0, f1)
    assert parts["b"] == 0
    assert shapley.shapley({k: f0[k] for k in reversed(NAMES)}, f1) == parts


def test_shapley_takes_eight_factors_and_no_more() -> None:
    """2^8 points are looked at; 2^9 are refused with a remedy."""
    eight = {str(n): Decimal(n + 1) for n in range(8)}
    assert sum(shapley.shapley(eight, {k: v * 2 for k, v in eight.items()}).values()) == 40320 * 255
    nine = {**eight, "8": Decimal(1)}
    with pytest.raises(Undecomposable, match="at most 8"):
        shapley.shapley(nine, nine)


SALES = st.dictionaries(SKUS, st.builds(pvm.Sale, POSITIVE, AMOUNTS, AMOUNTS, POSITIVE, AMOUNTS), max_size=5)


@given(SALES, SALES)
def test_pvm_is_exact_with_new_and_lost_skus(old: dict[str, pvm.Sale], new: dict[str, pvm.Sale]) -> None:
    """Volume + mix + price + cost + FX = ΔM, to the last digit; new and lost SKUs are all mix."""
    found = pvm.price_volume_mix(old, new)
    assert found.total == found.after - found.before
    for sku, effects in found.skus.items():
        if sku not in old or sku not in new:
            assert effects.total == effects.mix
    assert found.mix == sum(found.mix_of(presence) for presence in pvm.Presence)


@given(SALES)
def test_pvm_gives_a_pure_move_to_its_own_cause(old: dict[str, pvm.Sale]) -> None:
    """Only the exchange rates move: only FX contributes. All units double: only volume does."""
    dearer = {s: pvm.Sale(x.units, x.price, x.cost, x.fx * 2, x.local_cost) for s, x in old.items()}  # type: ignore[operator]
    found = pvm.price_volume_mix(old, dearer)
    assert (found.volume, found.mix, found.price, found.cost) == (0, 0, 0, 0)
    more = {s: pvm.Sale(x.units * 2, x.price, x.cost, x.fx, x.local_cost) for s, x in old.items()}  # type: ignore[operator]
    found = pvm.price_volume_mix(old, more)
    assert (found.mix, found.price, found.cost, found.fx) == (0, 0, 0, 0)


PARTS = st.dictionaries(SKUS, st.builds(Part, POSITIVE, AMOUNTS), min_size=1, max_size=5)


@given(PARTS, PARTS)
def test_rate_and_mix_are_exact(s0: dict[str, Part], s1: dict[str, Part]) -> None:
    """Rate + mix = ΔR exactly, also where parts come and go; such a part has no rate effect."""
    found = rate_mix(s0, s1)
    assert found.rate_total + found.mix_total == found.after - found.before
    for name in s0.keys() ^ s1.keys():
        assert found.rate[name] == 0


@given(POSITIVE, factors(AMOUNTS), POSITIVE, factors(AMOUNTS))
def test_the_margin_walk_is_exact(
    n0: Decimal, costs0: dict[str, Decimal], n1: Decimal, costs1: dict[str, Decimal]
) -> None:
    """Points and money both add up, a line that only one period has included."""
    del costs0["a"]
    found = margin_walk(n0, costs0, n1, costs1)
    assert found.total_points == found.after - found.before
    assert found.total_money == found.after * Fraction(n1) - found.before * Fraction(n0)


def test_ratios_combine_by_their_sums() -> None:
    """ACoS of 100/1,000 and 900/2,000 is a third; the mean of both is wrong (domain rule 2)."""
    stores = [(100, 1000), (900, 2000)]
    assert ratio_of_sums(stores) == Fraction(1, 3)
    assert mean_of_ratios(stores) == Fraction(275, 1000)
