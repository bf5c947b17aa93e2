"""How rivals' repricing programs answer: the ones a rule set is played against before it is activated.

A bot is a function of its own price and ours and never goes below its own least price. `automate` does what
Amazon documents of its Automate Pricing (a rule keeps the offer at, or a set amount below, the lowest or
featured price, between a lowest and a highest price; seller help 201996550); the others are the common ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from pricing.engine.price_war import Mover

_UNDERCUT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Bot:
    """A rival's program: `make(least, highest, tick)` gives its answers between two prices."""

    key: str
    title: str
    make: Callable[[Decimal, Decimal, Decimal], Mover]


def _between(price: Decimal, least: Decimal, highest: Decimal, tick: Decimal) -> Decimal:
    ticks = (price / tick).quantize(Decimal(1), rounding=ROUND_DOWN) * tick
    return min(max(ticks, least), highest)


def _still(least: Decimal, highest: Decimal, tick: Decimal) -> Mover:
    return lambda own, other, turn: own


def _match(least: Decimal, highest: Decimal, tick: Decimal) -> Mover:
    return lambda own, other, turn: _between(other, least, highest, tick)


def _undercut_share(least: Decimal, highest: Decimal, tick: Decimal) -> Mover:
    return lambda own, other, turn: _between(other * (1 - _UNDERCUT), least, highest, tick)


def _undercut_tick(least: Decimal, highest: Decimal, tick: Decimal) -> Mover:
    return lambda own, other, turn: _between(other - tick, least, highest, tick)


def _automate(least: Decimal, highest: Decimal, tick: Decimal) -> Mover:
    """Stays below the lowest price by a set amount; once it is the lowest it stays until somebody moves."""

    def answer(own: Decimal, other: Decimal, turn: int) -> Decimal:
        return own if own < other else _between(other - tick, least, highest, tick)

    return answer


def _reset(least: Decimal, highest: Decimal, tick: Decimal) -> Mover:
    """Undercuts until its least price, then starts again from the top: it draws others into circles."""

    def answer(own: Decimal, other: Decimal, turn: int) -> Decimal:
        return highest if own <= least else _between(other * (1 - _UNDERCUT), least, highest, tick)

    return answer


BOTS: dict[str, Bot] = {
    bot.key: bot
    for bot in (
        Bot("still", "Does not move: what circles against it circles by itself", _still),
        Bot("match", "Matches our price", _match),
        Bot("undercut_share", "Undercuts us by 1 %", _undercut_share),
        Bot("undercut_tick", "Undercuts us by the smallest step", _undercut_tick),
        Bot("automate", "Keeps below the lowest price by a set amount, as Automate Pricing does", _automate),
        Bot("reset", "Undercuts down to its least price, then starts again from the top", _reset),
    )
}
