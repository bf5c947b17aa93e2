"""Can conditions hold together: the search against trying out everything."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.rules.conditions import holds
from pricing.rules.satisfy import OTHER, Domain, Value, find_assignment, settled
from pricing.rules.syntax import AllOf, AnyOf, Clause, Condition, Not, Operator

DOMAIN = Domain(
    {"gap": (Decimal(-1), Decimal(1)), "rank": (Decimal(1), Decimal(9))},
    whole=frozenset({"rank"}),
    tags=frozenset({"event"}),
)
_ORDERED = [Operator.LT, Operator.LE, Operator.GT, Operator.GE, Operator.EQ, Operator.NE]
_VALUES: dict[str, list[Value]] = {
    "gap": [None, *(Fraction(n, 4) for n in range(-4, 5))],
    "rank": [None, *(Fraction(n) for n in range(1, 10))],
    "event": [None, frozenset(), frozenset({"obon"}), frozenset({"prime"}), frozenset({"obon", "prime"})],
    "stage": [None, "new", "mature", OTHER],
    "featured": [None, True, False],
}

conditions = st.one_of(
    st.builds(
        Condition,
        st.sampled_from(["gap"]),
        st.sampled_from(_ORDERED),
        st.sampled_from([Decimal(n) / 2 for n in range(-2, 3)]),
    ),
    st.builds(
        Condition,
        st.sampled_from(["rank"]),
        st.sampled_from(_ORDERED),
        st.sampled_from([Decimal(n) / 2 for n in range(2, 20)]),
    ),
    st.builds(
        Condition,
        st.just("event"),
        st.sampled_from([Operator.EQ, Operator.NE]),
        st.sampled_from(["obon", "prime"]),
    ),
    st.builds(Condition, st.just("event"), st.just(Operator.IN), st.just(("obon", "prime"))),
    st.builds(Condition, st.just("stage"), st.just(Operator.EQ), st.sampled_from(["new", "mature"])),
    st.builds(Condition, st.just("featured"), st.just(Operator.EQ), st.booleans()),
)
clauses: st.SearchStrategy[Clause] = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda found: AllOf(tuple(found)), st.lists(inner, max_size=3)),
        st.builds(lambda found: AnyOf(tuple(found)), st.lists(inner, max_size=3)),
    ),
    max_leaves=5,
)


def _exists(holding: list[Clause], failing: list[Clause]) -> bool:
    for chosen in product(*_VALUES.values()):
        values = dict(zip(_VALUES, chosen, strict=True))
        if all(holds(each, values) for each in holding) and not any(holds(each, values) for each in failing):
            return True
    return False


@settings(max_examples=120, deadline=None)
@given(st.lists(clauses, min_size=1, max_size=2), st.lists(clauses, max_size=2))
def test_the_search_finds_an_assignment_exactly_when_there_is_one(
    holding: list[Clause], failing: list[Clause]
) -> None:
    """Against a grid that is finer than every threshold: same answer, and the witness is a witness."""
    found = find_assignment(holding=holding, failing=failing, domain=DOMAIN)
    assert (found is not None) == _exists(holding, failing)
    if found is not None:
        values = {signal: found.get(signal) for signal in _VALUES}
        assert all(holds(each, values) for each in holding)
        assert not any(holds(each, values) for each in failing)


def test_what_nobody_knows_is_never_true_not_even_denied() -> None:
    """A signal without a value makes its condition false, and the denial of it false as well."""
    cheap = Condition("gap", Operator.GE, Decimal("0.05"))
    assert settled(cheap, {"gap": None}) is False
    assert settled(Not(cheap), {"gap": None}) is False


def test_a_declared_range_makes_a_threshold_beyond_it_impossible() -> None:
    """Within ranks 1 to 9 no rank is above 9."""
    assert find_assignment(holding=[Condition("rank", Operator.GT, Decimal(9))], domain=DOMAIN) is None


def test_a_day_may_have_two_events_at_once() -> None:
    """Tags are not exclusive, choices are."""
    obon, prime = (Condition("event", Operator.EQ, word) for word in ("obon", "prime"))
    assert find_assignment(holding=[obon, prime], domain=DOMAIN) is not None
    new, mature = (Condition("stage", Operator.EQ, word) for word in ("new", "mature"))
    assert find_assignment(holding=[new, mature], domain=DOMAIN) is None


def test_no_whole_number_lies_between_two_neighbours() -> None:
    """A rank above 3 and below 4 is impossible."""
    above, below = Condition("rank", Operator.GT, Decimal(3)), Condition("rank", Operator.LT, Decimal(4))
    assert find_assignment(holding=[above, below], domain=DOMAIN) is None


@settings(max_examples=100, deadline=None)
@given(clauses, st.fixed_dictionaries({signal: st.sampled_from(found) for signal, found in _VALUES.items()}))
def test_a_verdict_on_some_values_stands_when_all_are_known(clause: Clause, values: dict[str, Value]) -> None:
    """What is settled early agrees with what the rule language says of the whole."""
    for known in range(len(values) + 1):
        some = dict(list(values.items())[:known])
        assert settled(clause, some) in (None, holds(clause, values))
    assert settled(clause, values) is holds(clause, values)
