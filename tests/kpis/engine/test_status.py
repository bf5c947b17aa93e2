"""Verdicts and scores: equality semantics, bands, the cap, missing data, hard gates."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.engine.score import Scored, attainment, weighted
from kpis.engine.status import judge
from kpis.types import Direction, Goal, Status

UP = Goal(Direction.UP, D("0.25"), D("0.20"))
DOWN = Goal(Direction.DOWN, D("0.03"), D("0.05"))
ABS = Goal(Direction.ABS, D("0.02"), D("0.03"))
BAND = Goal(Direction.RANGE, target_low=D("0.97"), target_high=D("1.03"), warn_high=D("1.05"))


@pytest.mark.parametrize(
    ("goal", "value", "status"),
    [
        (UP, "0.25", Status.OK),
        (UP, "0.249999", Status.WARN),
        (UP, "0.20", Status.WARN),
        (UP, "0.199999", Status.BAD),
        (DOWN, "0.03", Status.OK),
        (DOWN, "0.030001", Status.WARN),
        (DOWN, "0.05", Status.WARN),
        (DOWN, "0.050001", Status.BAD),
        (ABS, "-0.02", Status.OK),
        (ABS, "-0.025", Status.WARN),
        (ABS, "0.04", Status.BAD),
        (BAND, "0.97", Status.OK),
        (BAND, "1.03", Status.OK),
        (BAND, "1.05", Status.WARN),
        (BAND, "1.050001", Status.BAD),
        (BAND, "0.90", Status.WARN),
        (Goal(Direction.RANGE, target_low=D(1), target_high=D(2)), "0.99", Status.BAD),
        (Goal(Direction.UP, D(1)), "0.99", Status.BAD),
        (Goal(Direction.UP), "1", Status.NO_TARGET),
        (Goal(Direction.WATCH, D(1)), "1", Status.NO_TARGET),
    ],
)
def test_verdicts(goal: Goal, value: str, status: Status) -> None:
    """Domain rule 4: equal to the target is ok, equal to the warn value is a warning."""
    assert judge(D(value), goal) is status


@pytest.mark.parametrize(
    ("goal", "value", "score"),
    [
        (UP, "0.25", "1"),
        (UP, "0.50", "1.2"),
        (UP, "0.125", "0.5"),
        (UP, "-1", "0"),
        (DOWN, "0.03", "1"),
        (DOWN, "0", "1.2"),
        (DOWN, "0.06", "0.5"),
        (Goal(Direction.DOWN, D(0)), "0", "1.2"),
        (Goal(Direction.DOWN, D(0)), "1", "0"),
        (ABS, "-0.04", "0.5"),
        (BAND, "1", "1"),
        (BAND, "2.06", "0.5"),
    ],
)
def test_scores(goal: Goal, value: str, score: str) -> None:
    """Domain rule 5: v/target or target/v, at most 1.2, never negative."""
    assert attainment(D(value), goal) == D(score)


def test_missing_data_is_left_out_and_told() -> None:
    """A KPI without data neither helps nor hurts; the share of weight that spoke is shown."""
    lines = [
        Scored(D(60), D(1), Status.OK),
        Scored(D(20), D("0.5"), Status.BAD),
        Scored(D(20), None, Status.INSUFFICIENT_DATA),
    ]
    found = weighted(lines)
    assert (found.score, found.share_with_data, found.status) == (D("87.5"), D("0.8"), Status.WARN)


def test_little_data_gives_no_verdict() -> None:
    """With less than half of the weight known, the scorecard does not show red or green."""
    found = weighted([Scored(D(40), D(1), Status.OK), Scored(D(60), None, Status.UNAVAILABLE)])
    assert found.status is Status.INSUFFICIENT_DATA
    assert weighted([]).score is None


def test_a_broken_hard_limit_is_bad_whatever_the_weights() -> None:
    """The account can be suspended: a perfect rest does not make that good."""
    found = weighted([Scored(D(99), D("1.2"), Status.OK), Scored(D(0), D("0.4"), Status.BAD, hard_gate=True)])
    assert (found.status, found.gated) == (Status.BAD, True)


@given(
    st.sampled_from([UP, DOWN, ABS, BAND]),
    st.decimals(min_value=-5, max_value=5, places=6),
)
def test_score_and_verdict_agree(goal: Goal, value: D) -> None:
    """Who meets the target scores at least 1, and nobody else does."""
    score = attainment(value, goal)
    assert score is not None
    assert D(0) <= score <= D("1.2")
    assert (score >= 1) == (judge(value, goal) is Status.OK)
