"""Who takes part in a pilot's stages, and what it does on every observation."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.engine.pilot import STAGES, Guardrails, Observed, Turn, decide, members

FINE = Observed(complete_days=7, contribution_change=Decimal("0.01"), buy_box_change=Decimal(0))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.text(max_size=4))
def test_wider_stages_contain_the_narrower_and_the_last_is_all(count: int, seed: str) -> None:
    """Nobody leaves on the way; at least ten begin where there are ten."""
    skus = [(f"S{n}", Decimal(n % 17)) for n in range(count)]
    stages = [set(members(skus, stage, seed=seed)) for stage in range(len(STAGES))]
    for narrow, wide in pairwise(stages):
        assert narrow <= wide
    assert len(stages[0]) == min(count, max(10, -(-count // 20)))
    assert len(stages[-1]) == count


def test_sellers_of_every_size_take_part_from_the_first_stage() -> None:
    """Of 400 SKUs twenty begin, one out of each group of twenty of a size."""
    skus = [(f"S{n:03}", Decimal(400 - n)) for n in range(400)]
    begun = members(skus, 0, seed="x")
    assert sorted(int(sku[1:]) // 20 for sku in begun) == list(range(20))


@pytest.mark.parametrize(
    ("change", "turn", "reason"),
    [
        ({}, Turn.WIDEN, "guardrails_kept"),
        ({"complete_days": 6}, Turn.WAIT, "stage_running"),
        ({"contribution_change": Decimal("-0.05")}, Turn.WIDEN, "guardrails_kept"),
        ({"contribution_change": Decimal("-0.0501")}, Turn.STOP, "contribution_fell"),
        ({"contribution_change": Decimal("-0.06"), "complete_days": 1}, Turn.STOP, "contribution_fell"),
        ({"buy_box_change": Decimal("-0.1001")}, Turn.STOP, "buy_box_fell"),
        ({"buy_box_change": None}, Turn.WIDEN, "guardrails_kept"),
        ({"contribution_change": None}, Turn.WAIT, "no_comparison"),
        ({"below_floor": ("S1",)}, Turn.STOP, "below_floor"),
        ({"stale": ("orders",), "complete_days": 0}, Turn.STOP, "stale"),
    ],
)
def test_what_a_stage_does_next(change: dict[str, object], turn: Turn, reason: str) -> None:
    """Every guardrail at its edge; a stop goes before waiting and widening."""
    decision = decide(0, replace(FINE, **change), Guardrails())  # type: ignore[arg-type]
    assert (decision.turn, decision.reasons[0].code) == (turn, reason)


def test_after_the_last_stage_the_pilot_is_finished() -> None:
    """There is nothing left to widen to."""
    assert decide(len(STAGES) - 1, FINE, Guardrails()).turn is Turn.FINISH
