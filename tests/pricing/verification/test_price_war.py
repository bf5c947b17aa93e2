"""How a month of answering each other ends, for movers whose end is known."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pricing.engine.price_war import Ending, Mover, play
from pricing.rules.bots import BOTS

TICK = Decimal("0.01")
FLOOR, CEILING = Decimal("15"), Decimal("60")


def _bot(key: str) -> Mover:
    return BOTS[key].make(Decimal("20") if key == "reset" else Decimal("10"), Decimal("50"), TICK)


def _stay(own: Decimal, other: Decimal, turn: int) -> Decimal:
    return own


def _undercut(own: Decimal, other: Decimal, turn: int) -> Decimal:
    return max(other - Decimal("0.50"), FLOOR)


def _undercut_then_reset(own: Decimal, other: Decimal, turn: int) -> Decimal:
    """M2E's mistake: back to the regular price as soon as we are the cheapest."""
    return Decimal("30") if own < other else other - Decimal("0.01")


def _raise(own: Decimal, other: Decimal, turn: int) -> Decimal:
    return min(own * Decimal("1.2"), CEILING).quantize(TICK)


@pytest.mark.parametrize(
    ("move", "bot", "ending"),
    [
        (_stay, "match", Ending.SETTLED),
        (_undercut, "undercut_share", Ending.RACE_TO_FLOOR),
        (_undercut_then_reset, "still", Ending.LOOP),
        (_undercut, "reset", Ending.LOOP),
        (_raise, "match", Ending.RACE_TO_CEILING),
    ],
)
def test_wars_end_as_they_must(move: Mover, bot: str, ending: Ending) -> None:
    """Standing still settles, undercutting each other ends at our floor, resetting never ends."""
    war = play(own=Decimal(30), rival=Decimal(29), move=move, answer=_bot(bot), floor=FLOOR, ceiling=CEILING)
    assert war.ending is ending
    assert (war.cycle is not None) == (ending is Ending.LOOP)


def test_a_race_to_the_floor_costs_what_standing_still_would_have_kept() -> None:
    """At the floor nothing is kept, so standing still would have kept more."""
    war = play(
        own=Decimal(30),
        rival=Decimal(29),
        move=_undercut,
        answer=_bot("undercut_share"),
        floor=FLOOR,
        ceiling=CEILING,
        contribution=lambda price: price - FLOOR,
    )
    assert war.lowest == FLOOR
    assert war.lost is not None
    assert war.lost > 0
