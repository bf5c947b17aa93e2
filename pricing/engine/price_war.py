"""What becomes of two prices that answer each other for a month: settled, circling, or down at the floor.

Pure play: each side is a function from what it sees to its next price. The sides move in turns, as
often a day as the slower of them may. What is played is a model (demand goes to the cheaper offer in
the stated shares), so it warns; it forecasts nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

DAYS = 30
"""Virtual days of a war."""
CHEAPER_SHARE = Decimal("0.8")
"""Of a day's buyers, the share that takes the cheaper offer."""


class Ending(StrEnum):
    """How a war ended."""

    SETTLED = "settled"
    LOOP = "loop"
    RACE_TO_FLOOR = "race_to_floor"
    RACE_TO_CEILING = "race_to_ceiling"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Turn:
    """Both prices after one turn; `turn` counts from 0, `per_day` turns make a day."""

    turn: int
    own: Decimal
    rival: Decimal


Mover = Callable[[Decimal, Decimal, int], Decimal]
"""(own price, the other's price, turn) → the next own price."""


@dataclass(frozen=True, slots=True)
class War:
    """What was played and how it ended.

    `cycle` is the number of turns after which the same two prices stand again (None unless it is a
    loop), `lowest` our lowest price, `changes` how often we moved. `lost` is what we keep less than by
    standing still, over the whole time, None where no contribution was given.
    """

    ending: Ending
    cycle: int | None
    turns: tuple[Turn, ...]
    lowest: Decimal
    changes: int
    lost: Decimal | None


def play(
    *,
    own: Decimal,
    rival: Decimal,
    move: Mover,
    answer: Mover,
    floor: Decimal,
    ceiling: Decimal,
    per_day: int = 2,
    days: int = DAYS,
    units_per_day: Decimal = Decimal(10),
    contribution: Callable[[Decimal], Decimal] | None = None,
) -> War:
    """Let `move` (ours) and `answer` (the rival's) take turns from two prices on.

    A war that comes to rest at or below `floor`, having begun above it, is a race to the floor; one
    that comes to rest at or above `ceiling` is a race to the ceiling. Both movers must be functions of
    what they are given.
    """
    turns = [Turn(0, own, rival)]
    seen: dict[tuple[Decimal, Decimal], int] = {(own, rival): 0}
    ending, cycle, changes = Ending.UNDECIDED, None, 0
    start = own
    for number in range(1, days * per_day + 1):
        next_own = move(own, rival, number)
        next_rival = answer(rival, next_own, number)
        changes += next_own != own
        if (next_own, next_rival) == (own, rival):
            ending = Ending.SETTLED
            break
        own, rival = next_own, next_rival
        turns.append(Turn(number, own, rival))
        if ending is not Ending.LOOP and (own, rival) in seen:
            ending, cycle = Ending.LOOP, number - seen[own, rival]
        seen[own, rival] = number
    lowest = min(turn.own for turn in turns)
    if ending is not Ending.LOOP and turns[-1].own <= floor < start:
        ending = Ending.RACE_TO_FLOOR
    elif ending is not Ending.LOOP and turns[-1].own >= ceiling > start:
        ending = Ending.RACE_TO_CEILING
    lost = _lost(turns, start, per_day, days, units_per_day, contribution) if contribution else None
    return War(ending, cycle, tuple(turns), lowest, changes, lost)


def _lost(
    turns: list[Turn],
    start: Decimal,
    per_day: int,
    days: int,
    units_per_day: Decimal,
    contribution: Callable[[Decimal], Decimal],
) -> Decimal:
    """What standing still against the same rival would have kept, less what the war kept.

    The last prices stand to the end of the time.
    """
    played = still = Decimal(0)
    units = units_per_day / per_day
    kept_at_start = contribution(start)
    for number in range(days * per_day):
        turn = turns[min(number, len(turns) - 1)]
        played += units * _share(turn.own, turn.rival) * contribution(turn.own)
        still += units * _share(start, turn.rival) * kept_at_start
    return still - played


def _share(own: Decimal, rival: Decimal) -> Decimal:
    if own == rival:
        return Decimal("0.5")
    return CHEAPER_SHARE if own < rival else 1 - CHEAPER_SHARE
