"""The effect estimator on simulated panels whose truth is known: coverage, false alarms, doubts."""

from __future__ import annotations

import math
from decimal import Decimal
from random import Random

import pytest

from kpis.engine.definitions import wilson_interval
from kpis.engine.effect import Doubt, Effect, Panel, Scale, Series, Verdict, estimate
from kpis.engine.student import t_quantile, t_two_sided

BEFORE, AFTER = 12, 2


def series(rng: Random, common: list[float], effect: float, drift: float = 0.0) -> Series:
    """Weekly sales of a SKU: its own size and wobble (AR 0.3), common ups and downs, the effect."""
    level, spread, wobble, found = math.exp(rng.gauss(4.5, 0.8)), rng.uniform(0.05, 0.25), 0.0, []
    for week, usual in enumerate(common):
        wobble = 0.3 * wobble + math.sqrt(1 - 0.09) * rng.gauss(0, spread)
        mean = level * math.exp(usual + wobble + drift * week) * (1 + effect if week >= BEFORE else 1)
        found.append(max(0.0, float(round(rng.gauss(mean, math.sqrt(mean))))))
    return tuple(found)


def panel(rng: Random, controls: int, treated: int, effect: float, drift: float = 0.0) -> Panel:
    """A season, shocks that hit every SKU alike, and an effect on the treated ones."""
    common = [0.25 * math.sin(week / 3) + rng.gauss(0, 0.08) for week in range(BEFORE + AFTER)]
    return Panel(
        {f"t{n}": series(rng, common, effect, drift) for n in range(treated)},
        {f"c{n}": series(rng, common, 0) for n in range(controls)},
        BEFORE,
        Scale.RELATIVE,
    )


def judged(controls: int, treated: int, effect: float, drift: float = 0.0, worlds: int = 150) -> list[Effect]:
    """The estimates of many worlds."""
    rng = Random(controls * 100 + treated)
    made = (panel(rng, controls, treated, effect, drift) for _ in range(worlds))
    return [estimate(each, expected=0.2, is_up_good=True) for each in made]


@pytest.mark.parametrize(("controls", "treated"), [(6, 1), (12, 1), (14, 2), (20, 1)])
@pytest.mark.parametrize("effect", [0.0, 0.3])
def test_the_interval_holds_the_truth(controls: int, treated: int, effect: float) -> None:
    """The 90 % interval covers the true effect in 84 to 98 % of 150 worlds (three standard errors)."""
    found = judged(controls, treated, effect)
    covered = sum(1 for e in found if e.low is not None and e.high is not None and e.low <= effect <= e.high)
    assert 0.82 <= covered / len(found) <= 0.98


@pytest.mark.parametrize(("controls", "treated"), [(6, 1), (12, 1), (14, 2), (20, 1)])
def test_nothing_works_where_nothing_was_done(controls: int, treated: int) -> None:
    """In worlds without an effect at most one verdict in ten says that it worked."""
    found = judged(controls, treated, 0.0)
    assert sum(1 for e in found if e.verdict is Verdict.WORKED) / len(found) <= 0.10


def test_a_large_effect_on_several_skus_is_seen() -> None:
    """Plus 60 % on two SKUs beside fourteen: most worlds say that it worked, hardly one that it did not."""
    found = judged(14, 2, 0.6)
    verdicts = [e.verdict for e in found]
    assert verdicts.count(Verdict.WORKED) / len(found) >= 0.6
    assert verdicts.count(Verdict.NO_EFFECT) / len(found) <= 0.05


def test_a_drift_beforehand_is_mostly_no_success() -> None:
    """A SKU that was rising anyway by 6 % a week: the checks turn most of its false successes to unclear."""
    found = judged(20, 2, 0.0, drift=0.06)
    worked = sum(1 for e in found if e.verdict is Verdict.WORKED)
    would_have = sum(1 for e in found if e.p is not None and e.p <= 0.1 and (e.estimate or 0) > 0)
    assert would_have > 0.5 * len(found)
    assert worked < 0.4 * would_have
    assert any(Doubt.DIFFERENT_BEFORE in e.doubts for e in found)


def test_what_helps_the_other_way_is_no_success() -> None:
    """A fall where a rise was wanted is no effect with its reason; where a fall was wanted it worked."""
    made = panel(Random(3), 20, 3, -0.7)
    up = estimate(made, expected=0.2, is_up_good=True)
    down = estimate(made, expected=0.2, is_up_good=False)
    assert (up.verdict, up.doubts) == (Verdict.NO_EFFECT, (Doubt.OPPOSITE,))
    assert down.verdict is Verdict.WORKED
    assert down.estimate is not None
    assert down.estimate < -0.4


def test_figures_that_are_not_final_give_no_verdict() -> None:
    """Whatever the estimate says, it waits."""
    found = estimate(panel(Random(3), 20, 3, 2.0), expected=0.2, is_up_good=True, is_final=False)
    assert found.verdict is Verdict.UNCLEAR
    assert Doubt.NOT_FINAL in found.doubts


@pytest.mark.parametrize(
    ("controls", "treated", "before", "doubt"),
    [
        (3, 1, BEFORE, Doubt.TOO_FEW_CONTROLS),
        (10, 9, BEFORE, Doubt.TOO_FEW_CONTROLS),
        (12, 1, 3, Doubt.TOO_FEW_PERIODS),
        (12, 1, BEFORE + AFTER, Doubt.TOO_FEW_PERIODS),
        (12, 0, BEFORE, Doubt.NOTHING_TREATED),
    ],
)
def test_too_little_is_said_to_be_too_little(controls: int, treated: int, before: int, doubt: Doubt) -> None:
    """Each lack has its own reason, and no number pretends otherwise."""
    made = panel(Random(1), controls, treated, 0.5)
    found = estimate(Panel(made.treated, made.controls, before, made.scale), expected=None, is_up_good=True)
    assert (found.verdict, found.doubts, found.estimate) == (Verdict.UNCLEAR, (doubt,), None)


def test_ratios_are_compared_in_points() -> None:
    """A rate that rises by three points beside rates that do not: three points, not thirty per cent."""
    rng = Random(5)

    def rate(jump: float) -> Series:
        return tuple(
            0.1 + rng.gauss(0, 0.003) + (jump if week >= BEFORE else 0) for week in range(BEFORE + AFTER)
        )

    made = Panel({"t": rate(0.03)}, {f"c{n}": rate(0) for n in range(15)}, BEFORE, Scale.ABSOLUTE)
    found = estimate(made, expected=0.02, is_up_good=True)
    assert found.verdict is Verdict.WORKED
    assert found.estimate == pytest.approx(0.03, abs=0.01)


def test_series_of_unequal_length_are_refused() -> None:
    """A missing week is no zero."""
    with pytest.raises(ValueError, match="different lengths"):
        estimate(
            Panel({"t": (1.0,) * 8}, {"c": (1.0,) * 9}, 4, Scale.RELATIVE), expected=None, is_up_good=True
        )


@pytest.mark.parametrize(("free", "expected"), [(1, 6.3138), (4, 2.1318), (9, 1.8331), (30, 1.6973)])
def test_students_t_agrees_with_the_tables(free: int, expected: float) -> None:
    """95th percentiles of the standard table; and back."""
    assert t_quantile(0.95, free) == pytest.approx(expected, abs=1e-4)
    assert t_two_sided(expected, free) == pytest.approx(0.1, abs=1e-4)


def test_wilsons_interval_agrees_with_the_literature() -> None:
    """81 of 263: 0.2553 to 0.3662 (Newcombe, Stat. in Medicine 1998); no trials, no interval."""
    found = dict(wilson_interval(Decimal(81), Decimal(263)))
    assert [float(found["low"]), float(found["high"])] == pytest.approx([0.2553, 0.3662], abs=1e-4)
    assert wilson_interval(Decimal(0), Decimal(0)) == ()
