"""Does the outlook find the trend that is there, and say how little it knows where there is none?"""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.engine.outlook import LEAST_POINTS, TrendConfidence, scenarios, trend_of

D = Decimal
VALUES = st.lists(st.decimals(min_value=-1000, max_value=1000, places=3), min_size=LEAST_POINTS, max_size=30)


def test_a_straight_line_is_found_in_spite_of_odd_weeks() -> None:
    """Slope 2 with two absurd weeks and a hole: the line is exact, and clear."""
    history: list[Decimal | None] = [D(100 + 2 * n) for n in range(26)]
    history[5], history[13], history[20] = D(9000), D(0), None
    found = trend_of(history)
    assert found is not None
    assert found.slope == 2
    assert found.level == 150
    assert found.is_clear
    assert found.confidence is TrendConfidence.MEDIUM
    last = {each.name: each.last for each in scenarios(found, 4, [D("0.1")])}
    assert last == {"unchanged": 150, "trend": 158, "shift +0.1": D("173.0")}


def test_noise_has_no_clear_trend() -> None:
    """Of 200 trendless histories, the 90 % interval of the slope leaves zero out in about a tenth."""
    rng = random.Random(5)
    clear = 0
    for _ in range(200):
        found = trend_of([D(rng.gauss(100, 10)) for _ in range(26)])
        assert found is not None
        clear += found.is_clear
    assert 8 <= clear <= 34


@given(VALUES)
def test_the_interval_holds_the_slope_and_the_outcome(values: list[Decimal]) -> None:
    """Low ≤ slope ≤ high, and the same for every scenario."""
    found = trend_of(values)
    assert found is not None
    assert found.slope_low <= found.slope <= found.slope_high
    for each in scenarios(found, 8, [D("-0.2")]):
        assert each.low <= each.last <= each.high


@pytest.mark.parametrize("known", range(LEAST_POINTS))
def test_too_short_a_history_says_nothing(known: int) -> None:
    """Five weeks are no trend."""
    assert trend_of([D(1)] * known + [None] * 20) is None
