"""What an observed price says of the approved one, and what two weeks say of its effect."""

from __future__ import annotations

from decimal import Decimal as D
from random import Random

import pytest

from pricing.engine.execution import classify, is_drastic, is_on_price
from pricing.engine.outcome import Doubt, Estimate, Span, Verdict, estimate, judge


@pytest.mark.parametrize(
    ("before", "approved", "observed", "tick", "result"),
    [
        ("30.00", "28.00", "28.00", "0.01", "executed"),
        ("30.00", "28.00", "28.01", "0.01", "executed"),
        ("30.00", "28.00", "27.99", "0.01", "executed"),
        ("30.00", "28.00", "28.02", "0.01", "partial"),
        ("30.00", "28.00", "29.99", "0.01", "partial"),
        ("30.00", "28.00", "27.98", "0.01", "deviated"),
        ("30.00", "28.00", "30.01", "0.01", "deviated"),
        ("28.00", "30.00", "29.00", "0.01", "partial"),
        (None, "30.00", "29.00", "0.01", "deviated"),
        ("3000", "2800", "2801", "1", "executed"),
        ("3000", "2800", "2802", "1", "partial"),
    ],
)
def test_what_an_observed_price_means(
    before: str | None, approved: str, observed: str, tick: str, result: str
) -> None:
    """One tick either way counts as carried out, part of the way as partial, everything else as deviating."""
    found = classify(None if before is None else D(before), D(approved), D(observed), D(tick))
    assert found == result


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("10", "14", False),
        ("10", "14.01", True),
        ("10", "6", False),
        ("10", "5.99", True),
        (None, "1", False),
    ],
)
def test_more_than_forty_percent_is_drastic(before: str | None, after: str, expected: bool) -> None:
    """The bound itself is not."""
    assert is_drastic(None if before is None else D(before), D(after)) is expected


def test_half_a_percent_is_on_price() -> None:
    """The bound of the KPI belongs to it."""
    assert is_on_price(D("20.00"), D("20.10"))
    assert not is_on_price(D("20.00"), D("20.11"))


def noisy(random: Random, level: float, lift: float = 1.0) -> Span:
    """Four weeks before, two after, with some noise."""
    return Span(
        [level * random.uniform(0.9, 1.1) for _ in range(28)],
        [level * lift * random.uniform(0.9, 1.1) for _ in range(14)],
    )


def test_a_lift_is_found_and_a_common_trend_is_not_taken_for_one() -> None:
    """All listings gain 30 %: no effect of the price. The treated one alone gains 50 % more: found."""
    random = Random(4)
    controls = [noisy(random, 20 + index, 1.3) for index in range(12)]
    same = estimate(noisy(random, 25, 1.3), controls)
    lifted = estimate(noisy(random, 25, 1.8), controls)
    assert same.low is not None
    assert same.high is not None
    assert lifted.delta is not None
    assert same.low < 0 < same.high
    assert lifted.delta == pytest.approx(0.5, abs=0.1)
    assert judge({"units": lifted}, "units", ()) is Verdict.BETTER
    assert judge({"units": same}, "units", ()) is Verdict.UNCLEAR


def test_the_interval_covers_no_effect_nine_times_of_ten() -> None:
    """With nothing done, 90 % intervals hold zero about as often as they say."""
    random = Random(11)
    held = 0
    for _ in range(200):
        found = estimate(noisy(random, 20), [noisy(random, 20) for _ in range(8)])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0 <= found.high
    assert 170 <= held <= 192


def test_too_little_data_gives_no_number() -> None:
    """Few days, few controls, nothing sold before: the doubts say which."""
    short = Span([1.0] * 6, [1.0] * 14)
    assert estimate(short, [noisy(Random(1), 5)] * 4).doubts == (Doubt.TOO_FEW_DAYS,)
    assert estimate(noisy(Random(1), 5), []).doubts == (Doubt.TOO_FEW_CONTROLS,)
    nothing = Span([0.0] * 28, [1.0] * 14)
    found = estimate(nothing, [noisy(Random(1), 5)] * 4)
    assert (found.doubts, found.enough_data, found.delta) == ((Doubt.NO_LEVEL_BEFORE,), False, None)
    assert judge({"units": found}, "units", ()) is Verdict.TOO_LITTLE_DATA


def test_a_confounded_window_has_no_verdict() -> None:
    """A stock-out takes precedence over any number."""
    clear = Estimate(0.5, 0.4, 0.6, 10, enough_data=True)
    assert judge({"units": clear}, "units", [Doubt.STOCK_OUT]) is Verdict.CONFOUNDED
