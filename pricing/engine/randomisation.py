"""Did the treatment change anything? The exact answer of the draw: how rare is what was seen, had it
not mattered.

The figure is a ratio of sums (contribution per session): sums over the counted days of either arm.
Under the hypothesis that the price changes nothing every permitted assignment was as likely and every
day would have been the same, so the share of assignments with a difference at least as large is the
p-value: no distribution is assumed. Statistics, so floats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from pricing.engine.switchback import Assignment, Design, lay_out

Floats = npt.NDArray[np.float64]

_NOISE = 1e-12
_DOUBLINGS, _HALVINGS = 12, 24


@dataclass(frozen=True, slots=True)
class Day:
    """What a day brought: `numerator` per `denominator` is the figure (contribution per session)."""

    on: date
    numerator: float
    denominator: float


@dataclass(frozen=True, slots=True)
class TestResult:
    """The figure of either arm, their difference (treatment less control), and how likely so much by chance.

    `low` and `high` are the interval of constant differences per unit of the denominator that the same test
    would not reject at `alpha`; None where the assignments are too few for one. `days` counts those of both
    arms that had data.
    """

    control: float | None
    treatment: float | None
    difference: float | None
    p_value: float | None
    low: float | None
    high: float | None
    days: int
    assignments: int


def compare_arms(
    design: Design,
    drawn: Assignment,
    permitted: Sequence[Assignment],
    days: Sequence[Day],
    *,
    alpha: float = 0.05,
) -> TestResult:
    """Compare the arms of a test that ran as `drawn` with all that could have been drawn."""
    known = {day.on: day for day in days if day.denominator > 0}
    blocks = [[known[on] for on in block.counted_days() if on in known] for block in lay_out(design, drawn)]
    test = _Test(blocks, drawn, permitted)
    control, treatment = test.figures()
    counted = sum(len(block) for block in blocks)
    if control is None or treatment is None:
        return TestResult(control, treatment, None, None, None, None, counted, len(permitted))
    low, high = test.interval(treatment - control, alpha)
    return TestResult(
        control,
        treatment,
        treatment - control,
        test.p_value(0.0),
        low,
        high,
        counted,
        len(permitted),
    )


class _Test:
    """The sums of every block, and every assignment of blocks to arms, as arrays."""

    def __init__(
        self, blocks: Sequence[Sequence[Day]], drawn: Assignment, permitted: Sequence[Assignment]
    ) -> None:
        self._numerators = np.array([sum(day.numerator for day in block) for block in blocks])
        self._denominators = np.array([sum(day.denominator for day in block) for block in blocks])
        self._drawn = np.array(drawn, dtype=bool)
        self._treated = np.array(permitted, dtype=np.float64)

    def figures(self) -> tuple[float | None, float | None]:
        """The figure of the control and of the treatment, as it was."""
        control, treatment = (
            float(self._numerators[arm].sum() / self._denominators[arm].sum())
            if self._denominators[arm].sum() > 0
            else None
            for arm in (~self._drawn, self._drawn)
        )
        return control, treatment

    def p_value(self, effect: float) -> float:
        """The two-sided p-value of "the treatment adds exactly `effect` per unit of the denominator"."""
        numerators = self._numerators - effect * self._denominators * self._drawn
        seen = _difference(numerators, self._denominators, self._drawn.astype(np.float64)[None, :])[0]
        found = _difference(numerators, self._denominators, self._treated)
        found = found[~np.isnan(found)]
        return float(np.mean(np.abs(found) >= abs(seen) - _NOISE * max(1.0, abs(seen))))

    def interval(self, difference: float, alpha: float) -> tuple[float | None, float | None]:
        """The effects that are not rejected, found by halving; None where none is ever rejected."""
        spread = abs(difference) + float(np.ptp(self._numerators / np.maximum(self._denominators, _NOISE)))
        if spread == 0:
            return difference, difference
        return self._edge(difference, -spread, alpha), self._edge(difference, spread, alpha)

    def _edge(self, inside: float, way: float, alpha: float) -> float | None:
        outside = inside
        for _ in range(_DOUBLINGS):
            outside += way
            way *= 2
            if self.p_value(outside) <= alpha:
                break
        else:
            return None
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            if self.p_value(middle) <= alpha:
                outside = middle
            else:
                inside = middle
        return inside


def _difference(numerators: Floats, denominators: Floats, treated: Floats) -> Floats:
    """Treatment less control for every assignment (a row of `treated`); NaN where an arm has no data."""
    top, bottom = treated @ numerators, treated @ denominators
    rest_top, rest_bottom = numerators.sum() - top, denominators.sum() - bottom
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = top / bottom - rest_top / rest_bottom
    return np.where((bottom > 0) & (rest_bottom > 0), found, np.nan)
