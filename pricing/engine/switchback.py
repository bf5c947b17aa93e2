"""Which price a listing shows on which day of a test: blocks of days, drawn at random, fair to weekdays.

One marketplace shows one price to everybody, so buyers cannot be split; time is. Blocks of two or three
days take turns at random (Bojinov, Simchi-Levi & Zhao 2020), each arm as often as the other, and no
weekday leans to one arm by more than the design allows. The first day of every block is washout: a
cheap day lifts the rank of the next, so it is not counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations
from math import comb
from random import Random

import numpy as np

_MOST_ASSIGNMENTS = 20_000
"""Up to so many ways to assign, all are enumerated; beyond, so many are drawn."""
_MOST_TRIES = 400_000
LEAST_BLOCKS = 4


class Arm(StrEnum):
    """What a block shows."""

    CONTROL = "control"
    TREATMENT = "treatment"


@dataclass(frozen=True, slots=True)
class Block:
    """Days from `first` to `last` (both included) of one arm; the first `washout_days` do not count."""

    number: int
    first: date
    last: date
    arm: Arm
    washout_days: int

    def counted_days(self) -> Iterator[date]:
        """Yield the days that count."""
        day = self.first + timedelta(days=self.washout_days)
        while day <= self.last:
            yield day
            day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Design:
    """How a test runs: `blocks` blocks of `block_days` days from `start` on, the shop days of the store.

    ValueError for less than four blocks, an odd number of them, or blocks that are nothing but washout.
    """

    start: date
    blocks: int
    block_days: int = 3
    washout_days: int = 1

    def __post_init__(self) -> None:
        if self.blocks < LEAST_BLOCKS or self.blocks % 2:
            raise ValueError(f"a test has an even number of blocks, {LEAST_BLOCKS} at least")
        if not 0 <= self.washout_days < self.block_days <= 14:
            raise ValueError("a block has 1 to 14 days, and more of them than are washed out")

    @property
    def last(self) -> date:
        """The last day of the test."""
        return self.start + timedelta(days=self.blocks * self.block_days - 1)


Assignment = tuple[bool, ...]
"""Which blocks show the treatment."""


def draw_blocks(design: Design, *, seed: str) -> tuple[Block, ...]:
    """Draw one of the permitted assignments; the same seed draws the same."""
    permitted = permitted_assignments(design, seed=seed)
    drawn = permitted[Random(_digest(f"{seed}:draw")).randrange(len(permitted))]  # noqa: S311 - not a secret
    return lay_out(design, drawn)


def lay_out(design: Design, assignment: Assignment) -> tuple[Block, ...]:
    """Write an assignment as blocks."""
    length = timedelta(days=design.block_days)
    return tuple(
        Block(
            number,
            design.start + number * length,
            design.start + (number + 1) * length - timedelta(days=1),
            Arm.TREATMENT if is_treated else Arm.CONTROL,
            design.washout_days,
        )
        for number, is_treated in enumerate(assignment)
    )


def permitted_assignments(design: Design, *, seed: str) -> tuple[Assignment, ...]:
    """Return every assignment the test could have drawn: half of the blocks each, weekdays as even as can be.

    These are what the randomisation test compares with; where there are too many, a seeded sample of them.
    """
    candidates = list(_candidates(design, seed))
    leans = _imbalances(design, candidates)
    least = min(leans)
    # One day more than the evenest would make the design nearly deterministic if it were not allowed.
    evenest = {each for each, lean in zip(candidates, leans, strict=True) if lean <= least + 1}
    return tuple(sorted(evenest))


def _candidates(design: Design, seed: str) -> Iterator[Assignment]:
    half = design.blocks // 2
    if comb(design.blocks, half) <= _MOST_ASSIGNMENTS:
        for chosen in combinations(range(design.blocks), half):
            yield tuple(number in chosen for number in range(design.blocks))
        return
    random = Random(_digest(f"{seed}:candidates"))  # noqa: S311 - not a secret
    seen: set[Assignment] = set()
    order = [True] * half + [False] * half
    for _ in range(_MOST_TRIES):
        random.shuffle(order)
        assignment = tuple(order)
        if assignment not in seen:
            seen.add(assignment)
            yield assignment
        if len(seen) >= _MOST_ASSIGNMENTS:
            return


def _imbalances(design: Design, assignments: Sequence[Assignment]) -> list[int]:
    """Of each assignment, by how many counted days the worst weekday leans to one arm."""
    weekdays = np.zeros((design.blocks, 7), dtype=np.int64)
    for block in lay_out(design, (False,) * design.blocks):
        for day in block.counted_days():
            weekdays[block.number, day.weekday()] += 1
    signs = np.where(np.array(assignments, dtype=bool), 1, -1)
    found: list[int] = np.abs(signs @ weekdays).max(axis=1).tolist()
    return found


def arm_of(blocks: Sequence[Block], day: date) -> Arm | None:
    """Which arm a day shows, washout included; None outside the test."""
    return next((block.arm for block in blocks if block.first <= day <= block.last), None)


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
