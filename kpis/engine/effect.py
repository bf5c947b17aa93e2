"""Did an action work? Difference in differences against units that were left alone, judged by placebos.

The treated units' change (mean after ÷ mean before, in logs; or after − before for ratios) less that of the
controls is the estimate. How large such a number gets by chance is not taken from a formula but from the
controls: each, in turn, is treated as if something had been done to it (randomisation inference in space:
Abadie, Diamond and Hainmueller, JASA 2010; Conley and Taber, REStat 2011). Every difference is divided by how
much that unit's own series wobbled beforehand, so that a quiet SKU is not judged by noisy ones. With fewer
than ten controls Student's t over the controls' changes takes the placebos' place (Bertrand, Duflo and
Mullainathan, QJE 2004: one number per unit before, one after).

Two checks ask whether the controls tell what would have happened: an invented date before the real one must
show nothing, and the treated units must not have drifted away from the controls beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from random import Random

from kpis.engine.student import t_quantile, t_two_sided

Series = tuple[float, ...]

LEAST_BEFORE = 4
LEAST_AFTER = 1
LEAST_CONTROLS = 4
LEAST_FOR_PLACEBOS = 10
ALPHA = 0.10
ALPHA_CHECK = 0.05
# A change smaller than this is not what anybody acts for, where no expected size was named.
LEAST_RELEVANT = 0.05
_MOST_PLACEBOS = 999
# A unit that stops altogether counts as a fall to a twentieth: the logarithm of nothing is no number.
_FLOOR = 0.05


class Scale(StrEnum):
    """How a change is measured: as a fraction of the level before (flows) or in the figure's own points."""

    RELATIVE = "relative"
    ABSOLUTE = "absolute"


class Verdict(StrEnum):
    """What can be said of an action."""

    WORKED = "worked"
    NO_EFFECT = "no_effect"
    UNCLEAR = "unclear"


class Doubt(StrEnum):
    """Why a verdict is unclear, or what else to know of it."""

    TOO_FEW_PERIODS = "too_few_periods"
    TOO_FEW_CONTROLS = "too_few_controls"
    NOTHING_TREATED = "nothing_treated"
    DIFFERENT_BEFORE = "different_before"
    TOO_NOISY = "too_noisy"
    OPPOSITE = "moved_the_other_way"
    NOT_FINAL = "not_final"


@dataclass(frozen=True, slots=True)
class Panel:
    """Series of equal length, of which the first `before` periods lie before the action."""

    treated: Mapping[str, Series]
    controls: Mapping[str, Series]
    before: int
    scale: Scale


@dataclass(frozen=True, slots=True)
class Effect:
    """`estimate`, `low` and `high` (90 %) are fractions or points; `p` is two-sided. `p_before` and `p_trend`
    are those of the two checks. `method` says what the chance was taken from: placebo or t."""

    verdict: Verdict
    doubts: tuple[Doubt, ...]
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_before: float | None = None
    p_trend: float | None = None
    controls: int = 0
    method: str = ""


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit's change, how noisy that is, its series relative to its own level, and its level."""

    change: float
    noise: float
    shape: Series
    level: float


@dataclass(frozen=True, slots=True)
class _Difference:
    """A difference in differences in the working scale, with its probability and 90 % interval."""

    estimate: float
    low: float
    high: float
    p: float
    method: str


def estimate(panel: Panel, *, expected: float | None, is_up_good: bool, is_final: bool = True) -> Effect:
    """Judge an action. `expected` is the size that was hoped for, above zero, in the panel's scale; None:
    five per cent (or five hundredths). `ValueError` for series of unequal length."""
    length = _length(panel)
    if length - panel.before < LEAST_AFTER or panel.before < LEAST_BEFORE:
        return Effect(Verdict.UNCLEAR, (Doubt.TOO_FEW_PERIODS,))
    treated, controls = _usable(panel, panel.treated), _usable(panel, panel.controls)
    if not treated:
        return Effect(Verdict.UNCLEAR, (Doubt.NOTHING_TREATED,), controls=len(controls))
    if len(controls) < max(LEAST_CONTROLS, len(treated) + 2 if len(controls) >= LEAST_FOR_PLACEBOS else 0):
        return Effect(Verdict.UNCLEAR, (Doubt.TOO_FEW_CONTROLS,), controls=len(controls))
    real = _difference(treated, controls, panel.before, length, panel.scale)
    after = length - panel.before
    fake_before = panel.before - min(after, panel.before // 2)
    invented = _difference(treated, controls, fake_before, panel.before, panel.scale)
    drift = _drift(treated, controls, panel.before)
    sign = 1 if is_up_good else -1
    wanted = sign * (LEAST_RELEVANT if expected is None else expected)
    doubts = _doubts(real, invented.p, drift, _working(wanted, panel.scale), sign, is_final)
    return Effect(
        verdict=_verdict(real, doubts, sign),
        doubts=doubts,
        estimate=_shown(real.estimate, panel.scale),
        low=_shown(real.low, panel.scale),
        high=_shown(real.high, panel.scale),
        p=real.p,
        p_before=invented.p,
        p_trend=drift,
        controls=len(controls),
        method=real.method,
    )


def _doubts(
    real: _Difference, p_before: float, p_trend: float, wanted: float, sign: int, is_final: bool
) -> tuple[Doubt, ...]:
    found = []
    if not is_final:
        found.append(Doubt.NOT_FINAL)
    if min(p_before, p_trend) <= ALPHA_CHECK:
        found.append(Doubt.DIFFERENT_BEFORE)
    if real.p <= ALPHA and real.estimate * sign < 0:
        found.append(Doubt.OPPOSITE)
    elif real.p > ALPHA and real.low <= wanted <= real.high:
        found.append(Doubt.TOO_NOISY)
    return tuple(found)


def _verdict(real: _Difference, doubts: Sequence[Doubt], sign: int) -> Verdict:
    if set(doubts) - {Doubt.OPPOSITE}:
        return Verdict.UNCLEAR
    return Verdict.WORKED if real.p <= ALPHA and real.estimate * sign > 0 else Verdict.NO_EFFECT


def _length(panel: Panel) -> int:
    lengths = {len(series) for series in (*panel.treated.values(), *panel.controls.values())}
    if len(lengths) > 1:
        raise ValueError("the series of a panel have different lengths")
    return lengths.pop() if lengths else 0


def _usable(panel: Panel, units: Mapping[str, Series]) -> list[tuple[Series, float]]:
    """Each unit's series with its level beforehand; a unit that had none beforehand cannot be compared."""
    kept = []
    for series in units.values():
        head = series[: panel.before]
        level = math.fsum(head) / len(head)
        active = sum(1 for value in head if value > 0)
        if panel.scale is Scale.ABSOLUTE:
            kept.append((series, 1.0))
        elif level > 0 and 2 * active >= len(head):
            kept.append((tuple(value / level for value in series), level))
    return kept


def _difference(
    treated: Sequence[tuple[Series, float]],
    controls: Sequence[tuple[Series, float]],
    before: int,
    end: int,
    scale: Scale,
) -> _Difference:
    """The estimate for an action between periods `before` − 1 and `before`, looking no further than `end`."""
    common = _mean_shape([series for series, _ in controls], end)
    others = [_unit(series, level, common, before, end, scale) for series, level in controls]
    ours = [_unit(series, level, common, before, end, scale) for series, level in treated]
    change, noise = _together(ours)
    found = change - _expected(others)
    if len(others) >= LEAST_FOR_PLACEBOS:
        chances = sorted(_placebos(others, len(ours)))
        met = sum(1 for chance in chances if chance >= abs(found) / noise - 1e-12)
        # The treated one is a draw of its own lottery: at worst the chance is 1/(placebos + 1), never nought.
        p = (1 + met) / (1 + len(chances))
        width = noise * chances[min(len(chances) - 1, math.ceil((1 - ALPHA) * (len(chances) + 1)) - 1)]
        return _Difference(found, found - width, found + width, p, "placebo")
    changes = [unit.change for unit in others]
    centre = math.fsum(changes) / len(changes)
    found = change - centre
    spread = math.fsum((each - centre) ** 2 for each in changes) / (len(changes) - 1)
    error = math.sqrt(spread * (1 / len(ours) + 1 / len(changes))) or 1e-12
    free = len(changes) - 1
    width = error * t_quantile(1 - ALPHA / 2, free)
    return _Difference(found, found - width, found + width, t_two_sided(found / error, free), "t")


def _unit(series: Series, level: float, common: Series, before: int, end: int, scale: Scale) -> _Unit:
    head, tail = series[:before], series[before:end]
    first, second = math.fsum(head) / len(head), math.fsum(tail) / len(tail)
    if scale is Scale.RELATIVE:
        base = max(first, _FLOOR)
        change = math.log(max(second, _FLOOR * base) / base)
    else:
        change = second - first
    gaps = [value - usual for value, usual in zip(head, common, strict=False)]
    centre = math.fsum(gaps) / len(gaps)
    spread = math.sqrt(math.fsum((gap - centre) ** 2 for gap in gaps) / max(len(gaps) - 1, 1))
    noise = spread * math.sqrt(1 / len(head) + 1 / len(tail))
    return _Unit(change, noise, series, level)


def _mean_shape(shapes: Sequence[Series], end: int) -> Series:
    return tuple(math.fsum(shape[n] for shape in shapes) / len(shapes) for n in range(end))


def _together(units: Sequence[_Unit]) -> tuple[float, float]:
    """Several units as one, each by its size: their change and its noise (units wobble independently)."""
    total = math.fsum(unit.level for unit in units)
    change = math.fsum(unit.level * unit.change for unit in units) / total
    noise = math.sqrt(math.fsum((unit.level * unit.noise) ** 2 for unit in units)) / total
    return change, max(noise, 1e-9)


def _expected(units: Sequence[_Unit]) -> float:
    """What the controls say would have happened: their mean change, quiet ones counting more."""
    floor = sorted(unit.noise for unit in units)[len(units) // 2] / 4 + 1e-9
    weights = [1 / max(unit.noise, floor) ** 2 for unit in units]
    return math.fsum(w * unit.change for w, unit in zip(weights, units, strict=True)) / math.fsum(weights)


def _placebos(units: Sequence[_Unit], size: int) -> list[float]:
    """|difference| ÷ noise of every group of `size` controls against the rest (999 drawn where more)."""
    everyone = range(len(units))
    groups: list[tuple[int, ...]]
    if math.comb(len(units), size) <= _MOST_PLACEBOS:
        groups = list(combinations(everyone, size))
    else:
        dice = Random(len(units) * 1009 + size)  # noqa: S311 - the same answer each time, no secret
        groups = [tuple(dice.sample(everyone, size)) for _ in range(_MOST_PLACEBOS)]
    found = []
    for group in groups:
        chosen = set(group)
        change, noise = _together([units[n] for n in group])
        rest = [unit for n, unit in enumerate(units) if n not in chosen]
        found.append(abs(change - _expected(rest)) / noise)
    return found


def _drift(
    treated: Sequence[tuple[Series, float]], controls: Sequence[tuple[Series, float]], before: int
) -> float:
    """How often a control drifts from the others as steeply as the treated did: the p of a parallel trend."""
    common = _mean_shape([series for series, _ in controls], before)
    total = math.fsum(level for _, level in treated)
    ours = tuple(math.fsum(series[n] * level for series, level in treated) / total for n in range(before))
    steepness = abs(_slope(ours, common))
    others = [abs(_slope(series[:before], common)) for series, _ in controls]
    return (1 + sum(1 for other in others if other >= steepness)) / (1 + len(others))


def _slope(series: Series, common: Series) -> float:
    """Slope of a series' gap to the common one over time, as a multiple of its standard error."""
    gaps = [value - usual for value, usual in zip(series, common, strict=True)]
    n = len(gaps)
    middle, mean = (n - 1) / 2, math.fsum(gaps) / n
    squares = math.fsum((t - middle) ** 2 for t in range(n))
    slope = math.fsum((t - middle) * (gap - mean) for t, gap in enumerate(gaps)) / squares
    left = math.fsum((gap - mean - slope * (t - middle)) ** 2 for t, gap in enumerate(gaps))
    error = math.sqrt(left / max(n - 2, 1) / squares)
    return slope / max(error, 1e-9)


def _working(wanted: float, scale: Scale) -> float:
    return math.log(max(1 + wanted, _FLOOR)) if scale is Scale.RELATIVE else wanted


def _shown(value: float, scale: Scale) -> float:
    return math.expm1(value) if scale is Scale.RELATIVE else value
