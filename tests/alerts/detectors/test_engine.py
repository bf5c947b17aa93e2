"""The mathematics of detectors against oracles: limits, robust scores, covers, Poisson tails, bottlenecks."""

from __future__ import annotations

import math
import statistics
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from alerts.engine.anomaly import judge_day
from alerts.engine.chain import Leg, Part, legs_of
from alerts.engine.forecast import cover_of, forecast_error, order_quantity, pace_of, safety_days
from alerts.engine.poisson import at_most
from alerts.engine.saying import TEMPLATE, percent, plain, say
from alerts.engine.threshold import Side, absolute, judge_all, limits_of, relative
from alerts.types import Verdict
from kpis.types import Direction, Goal

D = Decimal
START = date(2026, 1, 5)
numbers = st.decimals(min_value=-1000, max_value=1000, places=3, allow_nan=False)


@pytest.mark.parametrize(
    ("side", "value", "verdict"),
    [
        (Side.ABOVE, "0.051", Verdict.BREACH),
        (Side.ABOVE, "0.05", Verdict.NO_DATA),
        (Side.ABOVE, "0.041", Verdict.NO_DATA),
        (Side.ABOVE, "0.04", Verdict.CLEAR),
        (Side.BELOW, "0.029", Verdict.BREACH),
        (Side.BELOW, "0.03", Verdict.NO_DATA),
        (Side.BELOW, "0.04", Verdict.CLEAR),
    ],
)
def test_a_limit_is_still_allowed_and_between_both_limits_the_state_is_kept(
    side: Side, value: str, verdict: Verdict
) -> None:
    """Hysteresis: beyond the limit is a breach, inside the clear limit is clear, between them is neither."""
    limit = absolute(side, D("0.05") if side is Side.ABOVE else D("0.03"), D("0.04"))
    assert limit.judge(D(value)) is verdict


@given(value=numbers, breach=numbers, gap=st.decimals(min_value=0, max_value=100, places=2))
def test_no_number_is_both_wrong_and_right(value: Decimal, breach: Decimal, gap: Decimal) -> None:
    """Above and below mirror each other: negating number and limits changes no verdict."""
    above = absolute(Side.ABOVE, breach, breach - gap)
    below = absolute(Side.BELOW, -breach, gap - breach)
    assert above.judge(value) is below.judge(-value)
    if value > breach:
        assert above.judge(value) is Verdict.BREACH


@pytest.mark.parametrize(
    ("goal", "value", "verdict"),
    [
        (Goal(Direction.UP, D(10), D(8)), "9", Verdict.BREACH),
        (Goal(Direction.UP, D(10), D(8)), "10", Verdict.CLEAR),
        (Goal(Direction.DOWN, D(10), D(12)), "11", Verdict.BREACH),
        (Goal(Direction.ABS, D("0.02")), "-0.03", Verdict.BREACH),
        (Goal(Direction.ABS, D("0.02")), "0.01", Verdict.CLEAR),
        (Goal(Direction.RANGE, target_low=D(1), target_high=D(2)), "0.5", Verdict.BREACH),
        (Goal(Direction.RANGE, target_low=D(1), target_high=D(2)), "3", Verdict.BREACH),
        (Goal(Direction.RANGE, target_low=D(1), target_high=D(2)), "1.5", Verdict.CLEAR),
    ],
)
def test_targets_become_limits_on_their_bad_side(goal: Goal, value: str, verdict: Verdict) -> None:
    """What should rise is wrong below its target, what should fall above, bands on both sides."""
    assert judge_all(D(value), limits_of(goal, is_warning=False))[0] is verdict


def test_a_relative_limit_goes_by_the_size_of_its_reference() -> None:
    """10 % above −20 is −18, not −22: a loss that grows less is no rise."""
    assert relative(Side.ABOVE, D(-20), D("0.1")).breach == D(-18)
    assert limits_of(Goal(Direction.WATCH, D(1)), is_warning=False) == []
    assert limits_of(Goal(Direction.UP), is_warning=False) == []


def _weeks(values: list[int], weeks: int = 8) -> dict[date, Decimal]:
    """Each weekday's value, shaken by −1, 0, +1 in turn."""
    days = (START + timedelta(days=n) for n in range(7 * weeks))
    return {day: D(values[day.weekday()] + (day.toordinal() // 7) % 3 - 1) for day in days}


def test_a_weekday_is_held_against_its_own_kind() -> None:
    """A Sunday's 20 is usual though weekdays bring 100; on a Monday the same 20 is unusual."""
    history = _weeks([100, 100, 100, 100, 100, 50, 20])
    monday = START + timedelta(days=56)
    on_monday, on_sunday = judge_day(D(20), monday, history), judge_day(D(20), monday - timedelta(1), history)
    assert on_monday is not None
    assert on_sunday is not None
    assert on_monday.expected == 100
    assert on_monday.score < -3
    assert abs(on_sunday.score) < 1


def test_wild_days_in_the_past_do_not_hide_a_wild_day() -> None:
    """Three days of a hundredfold sales leave the verdict as it was: a mean would have moved by 500 %."""
    history = _weeks([100] * 7)
    monday = START + timedelta(days=56)
    calm = judge_day(D(20), monday, history)
    wild = judge_day(D(20), monday, {**history, **{START + timedelta(days=n): D(10_000) for n in (0, 9, 18)}})
    assert calm is not None
    assert wild is not None
    assert wild.score < -3.5
    assert calm.score < -3.5


def test_the_score_is_the_modified_z_score() -> None:
    """0.6745 × (x − median) / MAD, as scipy has the median deviation, on history of one weekday pattern."""
    history = {START + timedelta(days=n): D(100 + (n * 7) % 13) for n in range(70)}
    found = judge_day(D(150), START + timedelta(days=70), history)
    assert found is not None
    by_weekday = [[float(v) for d, v in history.items() if d.weekday() == w] for w in range(7)]
    deviations = [value - float(stats.scoreatpercentile(own, 50)) for own in by_weekday for value in own]
    spread = stats.scoreatpercentile([abs(each) for each in deviations], 50) / 0.6745
    expected = float(stats.scoreatpercentile(by_weekday[0], 50))
    assert float(found.score) == pytest.approx((150 - expected) / spread, rel=1e-9)


def test_too_little_history_says_nothing() -> None:
    """Twenty days, or two of the weekday, are no ground for a verdict; constant zeros are."""
    history = {START + timedelta(days=n): D(1) for n in range(20)}
    assert judge_day(D(99), START + timedelta(days=20), history) is None
    zeros = {START + timedelta(days=n): D(0) for n in range(56)}
    found = judge_day(D(5), START + timedelta(days=56), zeros)
    assert found is not None
    assert found.score > 100


def test_days_without_stock_do_not_slow_the_pace() -> None:
    """Ten units on each of seven days with stock and none on three without are ten a day, not seven."""
    days = [START + timedelta(days=n) for n in range(10)]
    sold = dict.fromkeys(days[:7], 10)
    pace = pace_of(sold, frozenset(days[7:]), days[0], days[-1])
    assert (pace.mean, pace.days) == (D(10), 7)
    assert pace.deviation == 0
    assert pace_of(sold, frozenset(), days[0], days[-1]).mean == 7
    assert cover_of(45, pace).runs_out_on(days[0]) == days[0] + timedelta(days=4)
    assert cover_of(45, pace_of({}, frozenset(), days[0], days[-1])).days is None


@given(sold=st.lists(st.integers(min_value=0, max_value=50), min_size=2, max_size=40))
def test_the_deviation_is_that_of_a_sample(sold: list[int]) -> None:
    """Against the sample deviation; safety days are z σ √lead over the pace."""
    days = {START + timedelta(days=n): units for n, units in enumerate(sold)}
    pace = pace_of(days, frozenset(), START, START + timedelta(days=len(sold) - 1))
    assert float(pace.deviation) == pytest.approx(statistics.stdev(sold), abs=1e-9)
    if pace.mean > 0:
        expected = 1.28 * float(pace.deviation) * math.sqrt(25) / float(pace.mean)
        assert float(safety_days(pace, 25, D("1.28"))) == pytest.approx(expected)


def test_what_is_ordered_lasts_to_the_next_delivery() -> None:
    """10 a day, 30 days of lead, 7 of review, 3 of safety: 400 are needed, 150 are there."""
    pace = pace_of(
        {START + timedelta(days=n): 10 for n in range(10)}, frozenset(), START, START + timedelta(9)
    )
    cover = cover_of(150, pace)
    assert order_quantity(cover, lead_days=30, safety=D(3), review_days=7) == 250
    assert order_quantity(cover_of(900, pace), lead_days=30, safety=D(3), review_days=7) == 0


def test_the_error_of_a_forecast_is_known_only_where_demand_was() -> None:
    """Ten a day forecast, seven sold: 3/7 off. A day without stock hides what could have been sold."""
    days = [START + timedelta(days=n) for n in range(35)]
    sold = {day: 10 if n < 28 else 7 for n, day in enumerate(days)}
    assert forecast_error(sold, frozenset(), days[-1], horizon=7, history=28) == D(21) / D(49)
    assert forecast_error(sold, frozenset({days[-2]}), days[-1], horizon=7, history=28) is None


@given(
    count=st.integers(min_value=0, max_value=40),
    expected=st.decimals(min_value="0.01", max_value=60, places=2),
)
def test_the_tail_is_that_of_poisson(count: int, expected: Decimal) -> None:
    """Against scipy's distribution function."""
    assert float(at_most(count, expected)) == pytest.approx(
        stats.poisson.cdf(count, float(expected)), abs=1e-12
    )


def test_the_bottleneck_is_where_most_were_late() -> None:
    """Ten of 200 in the last mile come before three of four at customs, and the worst carrier is named."""
    legs = legs_of(
        [
            Part(Leg.CUSTOMS, "", 4, 3, D(50)),
            Part(Leg.LAST_MILE, "fast", 150, 1, D(20)),
            Part(Leg.LAST_MILE, "slow", 50, 9, D(60)),
        ]
    )
    assert [(leg.leg, leg.late, leg.worst, leg.late_there) for leg in legs] == [
        (Leg.LAST_MILE, 10, "slow", 9),
        (Leg.CUSTOMS, 3, "", 3),
    ]
    assert legs[0].mean_hours == 30
    assert legs[0].share == D("0.05")


def test_a_sentence_keeps_its_template_and_its_figures() -> None:
    """What translates it needs both; numbers are shown plainly, nothing as a dash."""
    text, evidence = say("{sku} has {n} units, {gone}.", sku="A", n=D("10.500"), gone=None)
    assert text == "A has 10.5 units, –."
    assert evidence == {"sku": "A", "n": "10.5", "gone": "–", TEMPLATE: "{sku} has {n} units, {gone}."}
    assert percent(D("0.1234")) == "12.3 %"
    assert plain(D("1E+3")) == "1000"
