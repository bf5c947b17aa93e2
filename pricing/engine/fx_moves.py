"""When a currency's move calls for new prices, and what an open position in it may cost.

Domain reference, section 6: Δm ≈ −s·δ; the ladder of 2, 3 and 5 % with 1 % hysteresis, each step confirmed
by two daily fixes; VaR95 over 90 days = exposure · 1.645 · σ of a day · √90.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from itertools import pairwise
from math import sqrt
from statistics import stdev

STEPS = (Decimal("0.02"), Decimal("0.03"), Decimal("0.05"))
HYSTERESIS = Decimal("0.01")
FIXES = 2
QUANTILE_95 = 1.645
HEDGE_DAYS = 90
# A hedge is due from this share of a quarter's contribution on; half of the exposure is what to aim at.
HEDGE_SHARE = Decimal("0.10")
HEDGE_COVERAGE = Decimal("0.50")


class Level(IntEnum):
    """What a move calls for."""

    QUIET = 0
    NOTE = 1
    SUGGEST = 2
    URGENT = 3


@dataclass(frozen=True, slots=True)
class HedgeView:
    """An open position: what 90 days may cost at the 95 % level, and whether and how much to hedge."""

    exposure: Decimal
    value_at_risk: Decimal
    is_due: bool
    cover: Decimal


def ladder(moves: Sequence[Decimal]) -> Level:
    """Return the level after the daily fixes since a price was set; `moves` are against that day's rate.

    A step is taken when two fixes in a row lie at or beyond it, and left when two in a row lie more than the
    hysteresis below it.
    """
    level = Level.QUIET
    for earlier, later in pairwise(moves):
        confirmed = min(abs(earlier), abs(later)) if earlier * later > 0 else Decimal(0)
        level = max(level, _reached(confirmed))
        largest = max(abs(earlier), abs(later))
        while level and largest < STEPS[level - 1] - HYSTERESIS:
            level = Level(level - 1)
    return level


def trigger(margin: Decimal, floor_margin: Decimal, share: Decimal) -> Decimal | None:
    """Return δ* = (m − m_floor) / s, the rise of the cost currency that uses the margin up; None without s.

    `share` is the cost in the currency over net revenue. Nought or less: the margin is used up already.
    """
    return None if share <= 0 else (margin - floor_margin) / share


def hedge(
    exposure: Decimal, daily_moves: Sequence[float], quarterly_contribution: Decimal | None
) -> HedgeView | None:
    """Return what an exposure (in the store's currency) may cost; None with fewer than 20 daily moves.

    The deviation of daily moves is a statistic, so floats are used for it; the result is rounded to cents.
    Without a quarter's contribution no hedge is called due.
    """
    if len(daily_moves) < 20:
        return None
    factor = Decimal(repr(QUANTILE_95 * stdev(daily_moves) * sqrt(HEDGE_DAYS)))
    at_risk = (exposure * factor).quantize(Decimal("0.01"))
    is_due = quarterly_contribution is not None and at_risk > HEDGE_SHARE * quarterly_contribution
    cover = (exposure * HEDGE_COVERAGE).quantize(Decimal("0.01")) if is_due else Decimal(0)
    return HedgeView(exposure, at_risk, is_due, cover)


def _reached(move: Decimal) -> Level:
    return Level(sum(move >= step for step in STEPS))
