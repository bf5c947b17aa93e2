"""What a new price achieved: its listing's change against that of listings left alone, with an interval.

Difference in differences on means per day: change = mean after / mean before − 1 for amounts, after −
before for shares; the estimate is the treated change less the controls' mean change. The 90 % interval is
that of one more observation among the controls, t(n−1) · s · √(1 + 1/n) (one number per unit before and one
after: Bertrand, Duflo and Mullainathan, QJE 2004). These are statistics, in binary floating point; no amount
is decided by them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, stdev

LEAST_DAYS = 7
LEAST_CONTROLS = 4
# Two-sided 90 % points of Student's t by degrees of freedom (standard table); the normal's beyond 30.
_T90 = (
    *(6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812),
    *(1.796, 1.782, 1.771, 1.761, 1.753, 1.746, 1.740, 1.734, 1.729, 1.725),
    *(1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699, 1.697),
)
_NORMAL = 1.645


class Verdict(StrEnum):
    """What can be said of an outcome."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"
    TOO_LITTLE_DATA = "too_little_data"
    CONFOUNDED = "confounded"


class Doubt(StrEnum):
    """Why there is no number, or why it says little."""

    TOO_FEW_DAYS = "too_few_days"
    TOO_FEW_CONTROLS = "too_few_controls"
    NO_LEVEL_BEFORE = "no_level_before"
    STOCK_OUT = "stock_out"
    PROMOTION = "promotion"
    OTHER_PRICE = "other_price"


@dataclass(frozen=True, slots=True)
class Span:
    """One listing's days before and after, a number per day."""

    before: Sequence[float]
    after: Sequence[float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The change that is due to the price (a fraction, or points of a share) with its 90 % interval."""

    delta: float | None
    low: float | None
    high: float | None
    controls: int
    enough_data: bool
    doubts: tuple[Doubt, ...] = ()


def estimate(treated: Span, controls: Sequence[Span], *, is_share: bool = False) -> Estimate:
    """Estimate one metric; too few days or controls give no number but the doubts."""
    doubts = []
    if len(treated.before) < LEAST_DAYS or len(treated.after) < LEAST_DAYS:
        doubts.append(Doubt.TOO_FEW_DAYS)
    own = _change(treated, is_share=is_share)
    if own is None and not doubts:
        doubts.append(Doubt.NO_LEVEL_BEFORE)
    others = [found for span in controls if (found := _change(span, is_share=is_share)) is not None]
    if len(others) < LEAST_CONTROLS:
        doubts.append(Doubt.TOO_FEW_CONTROLS)
    if doubts or own is None:
        return Estimate(None, None, None, len(others), enough_data=False, doubts=tuple(doubts))
    delta = own - fmean(others)
    half = _t(len(others) - 1) * stdev(others) * math.sqrt(1 + 1 / len(others))
    return Estimate(delta, delta - half, delta + half, len(others), enough_data=True)


def judge(estimates: Mapping[str, Estimate], deciding: str, confounders: Sequence[Doubt]) -> Verdict:
    """Return the verdict by the `deciding` metric; what confounds the window takes precedence."""
    if confounders:
        return Verdict.CONFOUNDED
    found = estimates.get(deciding)
    if found is None or not found.enough_data or found.low is None or found.high is None:
        return Verdict.TOO_LITTLE_DATA
    if found.low > 0:
        return Verdict.BETTER
    return Verdict.WORSE if found.high < 0 else Verdict.UNCLEAR


def _change(span: Span, *, is_share: bool) -> float | None:
    if not span.before or not span.after:
        return None
    before, after = fmean(span.before), fmean(span.after)
    if is_share:
        return after - before
    return after / before - 1 if before > 0 else None


def _t(freedom: int) -> float:
    return _T90[freedom - 1] if freedom <= len(_T90) else _NORMAL
