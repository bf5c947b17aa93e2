"""Signals: read exactly, by their definitions, and unknown where nobody knows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from pricing.rules.conditions import holds
from pricing.rules.signals import SIGNALS, Known, read_signals, told
from pricing.rules.syntax import AllOf, AnyOf, Clause, Condition, Not, Operator
from pricing.types import Objective, RivalView, Tier
from tests.pricing.rules.worlds import AT, listing

D = Decimal


def _rivals(**changes: Any) -> RivalView:
    values: dict[str, Any] = {
        "lowest": D("28.50"),
        "featured": D("28.00"),
        "own_landed": D("30.00"),
        "is_own_featured": False,
        "count": 3,
        "as_of": AT,
    }
    return RivalView(**{**values, **changes})


@pytest.mark.parametrize(
    ("signal", "changes", "expected"),
    [
        ("competitor_gap", {}, Fraction(1, 20)),
        ("competitor_gap", {"rivals": _rivals(lowest=D("28.51"))}, Fraction(149, 3000)),
        # Shipping of ours counts: 33.00 landed at a price of 30.00 has to fall by 4.50.
        ("competitor_gap", {"rivals": _rivals(own_landed=D("33.00"))}, Fraction(3, 20)),
        ("competitor_gap", {"rivals": _rivals(own_landed=None)}, Fraction(1, 20)),
        ("competitor_gap", {"rivals": _rivals(lowest=D("31.50"))}, Fraction(-1, 20)),
        ("competitor_gap", {"rivals": _rivals(lowest=None)}, None),
        ("competitor_gap", {"price": None}, None),
        ("featured_gap", {}, Fraction(1, 15)),
        ("featured_gap", {"rivals": _rivals(is_own_featured=True)}, None),
        ("own_featured", {}, False),
        ("own_featured", {"rivals": _rivals(is_own_featured=None)}, None),
        ("rival_count", {}, Fraction(3)),
        ("rival_count", {"rivals": _rivals(as_of=None, count=0)}, None),
        ("rank", {}, Fraction(8)),
        ("rank", {"rank": None}, None),
        ("price", {}, Fraction(30)),
        # 30.00 − 15 % − 4.60 − 8.00 = 12.90
        ("margin", {}, Fraction(43, 100)),
        ("margin", {"missing": ("duty",)}, None),
        ("stock_age_days", {}, Fraction(30)),
        ("cover_days", {}, Fraction(40)),
        ("stock_units", {}, Fraction(100)),
        ("units_per_day", {}, Fraction(5, 2)),
        ("acos", {}, Fraction(1, 5)),
        ("acos_gap", {}, Fraction(20 - 43, 100)),
        ("acos_gap", {"acos": None}, None),
        ("fx_move", {}, Fraction(1, 100)),
        ("fee_change", {}, Fraction(0)),
        ("stage", {}, "mature"),
        ("stage", {"stage": ""}, None),
        ("tier", {"tier": Tier.HERO}, "hero"),
        ("objective", {"objective": Objective.CASH}, "cash"),
        ("weekday", {}, Fraction(6)),
        ("month_day", {}, Fraction(21)),
        ("event", {"events": ("peak", "black_friday")}, frozenset({"peak", "black_friday"})),
        ("event", {}, frozenset()),
        ("hours_since_change", {}, Fraction(30)),
        ("hours_since_change", {"last_changed_at": AT - timedelta(minutes=234)}, Fraction(39, 10)),
        ("hours_since_change", {"last_changed_at": None}, None),
        ("family_rank", {"family_rank": 2}, Fraction(2)),
        ("family_rank", {}, None),
    ],
)
def test_a_signal_is_read_exactly(signal: str, changes: dict[str, Any], expected: Known | None) -> None:
    """Every signal at least once known and, where it can be, unknown."""
    assert read_signals(listing(**changes), frozenset({signal})) == {signal: expected}


def test_every_signal_has_a_case_above() -> None:
    """A new signal comes with its test."""
    marks = test_a_signal_is_read_exactly.pytestmark
    assert {case[0] for case in marks[0].args[1]} == set(SIGNALS)


def _is(signal: str, op: Operator, value: Any) -> Condition:
    return Condition(signal, op, value)


_KNOWN: dict[str, Known | None] = {
    "competitor_gap": Fraction(1, 20),
    "tier": "hero",
    "own_featured": True,
    "event": frozenset({"peak", "prime"}),
    "rank": None,
}
_RANK = _is("rank", Operator.LE, D(10))
_GAP = _is("competitor_gap", Operator.GE, D("0.05"))


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (_GAP, True),
        (_is("competitor_gap", Operator.GT, D("0.05")), False),
        (_is("competitor_gap", Operator.EQ, D("0.050")), True),
        (_is("competitor_gap", Operator.NE, D("0.05")), False),
        (_is("competitor_gap", Operator.LT, D("0.0500000001")), True),
        (_is("competitor_gap", Operator.LE, D("0.0499999999")), False),
        (_is("tier", Operator.EQ, "hero"), True),
        (_is("tier", Operator.NE, "hero"), False),
        (_is("tier", Operator.IN, ("tail", "hero")), True),
        (_is("own_featured", Operator.EQ, True), True),
        (_is("own_featured", Operator.NE, True), False),
        (_is("event", Operator.EQ, "peak"), True),
        (_is("event", Operator.NE, "peak"), False),
        (_is("event", Operator.NE, "easter"), True),
        (_is("event", Operator.IN, ("easter", "prime")), True),
        (_RANK, False),
        (_is("rank", Operator.NE, D(10)), False),
        (Not(_RANK), False),
        (Not(AllOf((_RANK, _GAP))), False),
        (Not(_is("competitor_gap", Operator.GT, D("0.05"))), True),
        (AllOf(()), True),
        (AllOf((_GAP, _RANK)), False),
        (AnyOf((_RANK, _GAP)), True),
        (AnyOf((_RANK, Not(_GAP))), False),
    ],
)
def test_a_clause_holds_by_exact_comparison_and_never_on_the_unknown(clause: Clause, expected: bool) -> None:
    """Edges of every operator; a signal nobody knows makes its condition false, also under not."""
    assert holds(clause, _KNOWN) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(1, 3), "0.333333"),
        (Fraction(30), "30"),
        (Fraction(1, 20), "0.05"),
        (True, "yes"),
        (None, "unknown"),
        (frozenset({"b", "a"}), "a, b"),
    ],
)
def test_a_value_is_told_in_few_digits(value: Known | None, expected: str) -> None:
    """What a trace shows."""
    assert told(value) == expected
