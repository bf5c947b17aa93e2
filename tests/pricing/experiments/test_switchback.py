"""Drawing a test's blocks, and judging it by the draw: properties, and worlds whose truth is known."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.engine.randomisation import Day, compare_arms
from pricing.engine.switchback import Arm, Design, arm_of, draw_blocks, lay_out, permitted_assignments

START = date(2026, 3, 2)
designs = st.builds(
    lambda half, days, wash: Design(START, 2 * half, days, min(wash, days - 1)),
    st.integers(2, 5),
    st.integers(1, 4),
    st.integers(0, 1),
)


@settings(max_examples=40, deadline=None)
@given(designs, st.text(min_size=1, max_size=5))
def test_blocks_cover_every_day_once_and_arms_are_even(design: Design, seed: str) -> None:
    """No gap, no overlap, half of the blocks each, and the same seed draws the same."""
    blocks = draw_blocks(design, seed=seed)
    days = [
        block.first + timedelta(days=n)
        for block in blocks
        for n in range((block.last - block.first).days + 1)
    ]
    assert days == [START + timedelta(days=n) for n in range(design.blocks * design.block_days)]
    assert sum(block.arm is Arm.TREATMENT for block in blocks) * 2 == design.blocks
    assert blocks == draw_blocks(design, seed=seed)
    assert arm_of(blocks, START - timedelta(days=1)) is None
    assert all(arm_of(blocks, day) is not None for day in days)


@settings(max_examples=25, deadline=None)
@given(designs)
def test_weekdays_are_as_even_as_any_assignment_allows(design: Design) -> None:
    """Against all assignments: none that is permitted leans by more than one day more than the best."""

    def lean(assignment: tuple[bool, ...]) -> int:
        found = [0] * 7
        for block in lay_out(design, assignment):
            for day in block.counted_days():
                found[day.weekday()] += 1 if block.arm is Arm.TREATMENT else -1
        return max(abs(each) for each in found)

    every = [
        tuple(n in chosen for n in range(design.blocks))
        for chosen in combinations(range(design.blocks), design.blocks // 2)
    ]
    best = min(lean(each) for each in every)
    assert set(permitted_assignments(design, seed="x")) == {each for each in every if lean(each) <= best + 1}


def test_the_first_day_of_a_block_is_washed_out() -> None:
    """Three days, of which the second and third count."""
    block = draw_blocks(Design(START, 4, 3, 1), seed="w")[0]
    assert list(block.counted_days()) == [START + timedelta(days=1), START + timedelta(days=2)]


@pytest.mark.parametrize(("blocks", "length", "washout"), [(3, 3, 1), (5, 3, 1), (4, 1, 1), (4, 15, 1)])
def test_a_design_that_cannot_answer_is_refused(blocks: int, length: int, washout: int) -> None:
    """Too few blocks, an odd number, nothing but washout, blocks of more than two weeks."""
    with pytest.raises(ValueError):
        Design(START, blocks, length, washout)


DESIGN = Design(START, 12, 2, 1)
PERMITTED = permitted_assignments(DESIGN, seed="worlds")


def _world(seed: str, effect: float) -> tuple[float, float, float | None, float | None]:
    random = Random(seed)
    drawn = PERMITTED[random.randrange(len(PERMITTED))]
    arms = lay_out(DESIGN, drawn)
    days = []
    for n in range(DESIGN.blocks * DESIGN.block_days):
        on = START + timedelta(days=n)
        sessions = 400 + random.randrange(200)
        rate = 1.0 + (0.2 if on.weekday() >= 5 else 0) + random.gauss(0, 0.08)
        rate += effect if arm_of(arms, on) is Arm.TREATMENT else 0
        days.append(Day(on, rate * sessions, sessions))
    found = compare_arms(DESIGN, drawn, PERMITTED, days)
    assert found.p_value is not None
    assert found.difference is not None
    return found.difference, found.p_value, found.low, found.high


def test_a_price_without_effect_is_rarely_called_one_and_a_large_effect_mostly_found() -> None:
    """80 seeded worlds each: at 5 % at most 10 % false alarms, and nine in ten effects of 0.3 a session."""
    null = [_world(f"n{n}", 0.0)[1] for n in range(80)]
    strong = [_world(f"s{n}", 0.3)[1] for n in range(80)]
    assert sum(p <= 0.05 for p in null) <= 8
    assert sum(p <= 0.05 for p in strong) >= 72


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Of 60 worlds with an effect of 0.1 the 95 % interval misses at most nine."""
    missed = 0
    for n in range(60):
        _, _, low, high = _world(f"i{n}", 0.1)
        missed += not ((low is None or low <= 0.1) and (high is None or high >= 0.1))
    assert missed <= 9


def test_the_p_value_equals_a_count_by_hand() -> None:
    """Four blocks of one day: of the assignments that were possible, two are as far as what was seen."""
    design = Design(START, 4, 1, 0)
    permitted = tuple(tuple(n in chosen for n in range(4)) for chosen in combinations(range(4), 2))
    days = [Day(START + timedelta(days=n), value, 1.0) for n, value in enumerate((10.0, 10.0, 1.0, 1.0))]
    found = compare_arms(design, (True, True, False, False), permitted, days)
    assert (found.control, found.treatment, found.difference) == (1.0, 10.0, 9.0)
    assert found.p_value == pytest.approx(2 / 6)


def test_an_arm_without_data_has_no_verdict() -> None:
    """Nothing is said, rather than something made up."""
    design = Design(START, 4, 1, 0)
    days = [Day(START, 5.0, 1.0)]
    found = compare_arms(design, (True, True, False, False), permitted_assignments(design, seed="x"), days)
    assert (found.control, found.p_value, found.days) == (None, None, 1)
