"""The solver against a scan of every tick: equal for every mixture of fees, taxes, advertising, returns."""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.engine.cases import read_cases
from pricing.engine.contribution import evaluate, keeps
from pricing.engine.plan import compile_plan
from pricing.engine.rounding import to_places
from pricing.engine.solve import Root, find_root, lowest_price, next_keeping, solve
from pricing.structure import Cost, CostStructure, MultipleFee
from tests.pricing import oracle
from tests.pricing.engine.strategies import Case, cases

D = Decimal
# More of them before a change of the engine is believed; each takes about 50 ms, nearly all of it the scan.
EXAMPLES = int(os.environ.get("SOLVER_EXAMPLES", "60"))


def structure_of(case: Case) -> CostStructure:
    """What the product reads of a case."""
    return read_cases([case])[0].structure


def numbers(root: Root, tick: Decimal) -> list[int | None]:
    """Minimum and safe as numbers of ticks."""
    return [None if price is None else int(price / tick) for price in (root.minimum, root.safe)]


@settings(max_examples=EXAMPLES, deadline=None)
@given(cases())
def test_the_solver_finds_what_a_scan_finds(case: Case) -> None:
    """Minimum, safe, every interval, the price without rounding and the dead zones, to the last digit."""
    structure, expected = structure_of(case), oracle.solve(case)
    found = solve(structure)
    for name, root in (("floor", found.floor), ("target", found.target)):
        assert numbers(root, structure.tick) == [expected[f"{name}_min"], expected[f"{name}_safe"]]
        kept = {n for first, last in root.intervals for n in _ticks(structure, first, last)}
        assert kept == {n for n, keeps in enumerate(expected[f"{name}_keeps"], 1) if keeps}
        exact = expected[f"{name}_exact"]
        assert root.exact == (None if exact is None else to_places(exact, 6))
    assert [
        (int(zone.after / structure.tick), None if zone.until is None else int(zone.until / structure.tick))
        for zone in found.dead_zones
    ] == expected["zones"]
    assert (found.shares is None) == (found.floor.is_feasible and found.target.is_feasible)


def test_a_price_that_leaves_exactly_nothing_breaks_even() -> None:
    """A fee that takes all: every tick keeps 0, from the lowest price there is; none keeps more."""
    fee = {"name": "all", "kind": "rate", "mode": "flat", "tiers": [[None, "1"]]}
    case: Case = {"id": "0", "vat": "0", "tick": "0.01", "minor": "0.01", "fees": [fee], "costs": {}}
    found = solve(structure_of({**case, "target": "0.01", "pmax": "1"}))
    assert found.floor == Root(D(0), D("0.01"), D("0.01"), D(0), ((D("0.01"), D("1.00")),))
    assert found.target == Root(D("0.01"), None, None, None, ())
    assert found.shares is not None
    assert found.shares.limit == 0


def _ticks(structure: CostStructure, first: Decimal, last: Decimal) -> range:
    return range(int(first / structure.tick), int(last / structure.tick) + 1)


@settings(max_examples=EXAMPLES, deadline=None)
@given(cases(), st.integers(1, 50))
def test_every_line_is_rounded_as_stated(case: Case, tick: int) -> None:
    """Contribution, base, fee lines and advertising equal those of the plain reading of the reference; the
    compiled arithmetic of the search gives the same numbers."""
    structure = structure_of(case)
    price = structure.tick * tick
    found = evaluate(structure, price)
    left, base, lines, ads = oracle.contribution(case, price)
    assert (found.contribution, found.base, dict(found.fees), found.ads) == (left, base, lines, ads)
    plan = compile_plan(structure)
    assert [Fraction(units, plan.per_one) for units in plan.at(tick)] == [Fraction(left), Fraction(base)]
    margin = structure.target_margin
    assert keeps(structure, price, margin) == (Fraction(left) >= Fraction(margin) * Fraction(base))


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_unrelated_fees_changes_nothing(case: Case, random: Random) -> None:
    """Without returns (whose admin fee is that of the first rate fee) only the order of the lines changes."""
    structure = replace(structure_of(case), returns=None)
    named = {fee.of for fee in structure.fees if isinstance(fee, MultipleFee)}
    free = [fee for fee in structure.fees if not isinstance(fee, MultipleFee) and fee.name not in named]
    tied = [fee for fee in structure.fees if fee not in free]
    random.shuffle(free)
    shuffled = replace(structure, fees=(*free, *tied))
    assert (solve(shuffled).floor, solve(shuffled).target) == (
        solve(structure).floor,
        solve(structure).target,
    )
    assert sorted(map(str, solve(shuffled).dead_zones)) == sorted(map(str, solve(structure).dead_zones))


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(cases(), st.decimals("0.01", "3", places=2))
def test_a_dearer_product_never_has_a_lower_floor(case: Case, more: Decimal) -> None:
    """More cost at every price: no tick becomes feasible by it."""
    structure = structure_of(case)
    dearer = replace(structure, costs=(*structure.costs, Cost("more", more)))
    before, after = find_root(structure, D(0)), find_root(dearer, D(0))
    if after.minimum is not None:
        assert before.minimum is not None
        assert before.minimum <= after.minimum


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(cases(), st.integers(-5, 300), st.sampled_from([D(0), D("0.1")]))
def test_the_next_price_is_the_nearest_that_keeps_the_margin(case: Case, tick: int, margin: Decimal) -> None:
    """Upwards and downwards, from prices on ticks and between them: no nearer tick keeps it."""
    structure = structure_of(case)
    price = structure.tick * tick + structure.tick / 3
    count = compile_plan(structure).count
    good = [n for n in range(1, count + 1) if keeps(structure, structure.tick * n, margin)]
    up = next((n for n in good if n > tick), None)
    down = next((n for n in reversed(good) if n <= tick), None)
    assert next_keeping(structure, price, margin) == (None if up is None else structure.tick * up)
    found = next_keeping(structure, price, margin, upward=False)
    assert found == (None if down is None else structure.tick * down)
    assert lowest_price(structure, margin) == (structure.tick * good[0] if good else None)
