"""Points by attainment: bands, weights, shares, caps, missing figures; and every life's table of steps."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.engine import action_states as states
from kpis.engine.incentive import Attained, compute, points_of, read_rule, rule_faults

DOCUMENT: dict[str, Any] = {
    "bands": [
        {"attained_from": "0.80", "points": "50"},
        {"attained_from": "1.00", "points": "100"},
        {"attained_from": "1.10", "points": "130"},
    ],
    "weights": {"acos": "3"},
    "cap": "120",
    "bonus_per_point": {"amount": "3.00", "currency": "USD"},
}
RULE = read_rule(DOCUMENT)


@pytest.mark.parametrize(
    ("attainment", "points"),
    [("0.79", 0), ("0.80", 50), ("0.9999", 50), ("1.00", 100), ("1.10", 130), ("1.2", 130)],
)
def test_the_highest_band_reached_counts(attainment: str, points: int) -> None:
    """A band begins at its own bound."""
    assert points_of(Decimal(attainment), RULE) == points


def test_weights_shares_and_missing_figures() -> None:
    """acos weighs 3, half of it is this person's: (1.5·100 + 1·50) ÷ 2.5 = 80; the unknown one stays out."""
    found = compute(
        RULE,
        [
            Attained(1, "acos", Decimal(50), Decimal(1)),
            Attained(1, "odr", Decimal(100), Decimal("0.8")),
            Attained(1, "roi", Decimal(100), None),
        ],
    )
    assert found.points == Decimal("80.00")
    assert found.known == Decimal("0.7143")
    assert found.bonus == Decimal("240.00")
    assert [line.points for line in found.lines] == [100, 50, None]


def test_nothing_known_is_nothing_earned() -> None:
    """No figure at all: no points and none of the weight known, not an error."""
    found = compute(RULE, [Attained(1, "acos", Decimal(100), None)])
    assert [found.points, found.known] == [Decimal(0), Decimal(0)]


@given(
    st.lists(
        st.tuples(st.decimals(1, 100, places=0), st.none() | st.decimals(0, Decimal("1.2"), places=3)),
        max_size=8,
    )
)
def test_points_stay_within_their_bounds(given_lines: list[tuple[Decimal, Decimal | None]]) -> None:
    """Never below none, never above the cap, and better figures never earn less."""
    lines = [Attained(1, f"k{n}", share, met) for n, (share, met) in enumerate(given_lines)]
    better = [
        Attained(1, line.kpi, line.share, None if line.attainment is None else line.attainment + 1)
        for line in lines
    ]
    found = compute(RULE, lines)
    assert 0 <= found.points <= RULE.cap
    assert compute(RULE, better).points >= found.points


def test_every_fault_of_a_rule_is_told() -> None:
    """Bands that fall, points that fall, a weight of nothing."""
    bad = {
        **DOCUMENT,
        "bands": [{"attained_from": "1", "points": "9"}, {"attained_from": "1", "points": "8"}],
        "weights": {"acos": "0"},
    }
    assert [pointer for pointer, _, _ in rule_faults(read_rule(bad))] == [
        "/bands/1/attained_from",
        "/bands/1/points",
        "/weights/acos",
    ]
    assert rule_faults(read_rule({**DOCUMENT, "bands": []}))[0][0] == "/bands"


@pytest.mark.parametrize(
    "table",
    [
        states.ISSUE_STEPS,
        states.ACTION_STEPS,
        states.HAND_OFF_STEPS,
        states.TRIGGER_STEPS,
        states.APPEAL_STEPS,
    ],
)
def test_every_life_ends(table: dict[StrEnum, frozenset[StrEnum]]) -> None:
    """Every state of an enumeration is in its table, steps lead to known ones, an end can be reached."""
    assert set(table) == set(type(next(iter(table))))
    ends = {state for state, after in table.items() if not after}
    assert ends
    for state, after in table.items():
        assert after <= set(table)
        seen, open_ = {state}, set(after)
        while open_:
            seen |= open_
            open_ = {later for each in open_ for later in table[each]} - seen
        assert seen & ends
