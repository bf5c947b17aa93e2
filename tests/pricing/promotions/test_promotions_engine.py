"""Plans of promotions: times of the market's clocks, and every limit on its edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pricing.engine.contribution import keeps
from pricing.engine.price_history import DatedPrice, PriceHistory
from pricing.engine.promotions import (
    STEPS,
    NoSuchTime,
    Plan,
    PlannedItem,
    PromotionState,
    Terms,
    Window,
    check_plan,
    expected_cost,
    instant_of,
    is_back,
    keeps_floor,
    promoted,
    rhythm,
    window_of,
)
from tests.pricing.promotions.structures import us_home

D = Decimal
DAY = timedelta(days=1)
TODAY = date(2026, 10, 1)
US = "America/Los_Angeles"


@pytest.mark.parametrize(
    ("day", "at", "is_end", "expected"),
    [
        (date(2026, 7, 1), time(0), False, datetime(2026, 7, 1, 7, tzinfo=UTC)),
        (date(2026, 12, 1), time(0), False, datetime(2026, 12, 1, 8, tzinfo=UTC)),
        # 2026-11-01 01:30 comes twice in Los Angeles.
        (date(2026, 11, 1), time(1, 30), False, datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
        (date(2026, 11, 1), time(1, 30), True, datetime(2026, 11, 1, 9, 30, tzinfo=UTC)),
        (date(2026, 11, 1), time(2), True, datetime(2026, 11, 1, 10, tzinfo=UTC)),
        (date(2026, 3, 8), time(3), False, datetime(2026, 3, 8, 10, tzinfo=UTC)),
    ],
)
def test_times_are_those_of_the_markets_clocks(day: date, at: time, is_end: bool, expected: datetime) -> None:
    """Summer and winter time; of an hour that comes twice a start takes the first and an end the second."""
    assert instant_of(day, at, US, is_end=is_end) == expected


@pytest.mark.parametrize("is_end", [False, True])
def test_an_hour_that_summer_time_leaves_out_is_refused(is_end: bool) -> None:
    """2026-03-08 02:30 does not exist in Los Angeles."""
    with pytest.raises(NoSuchTime, match="02:30 does not exist"):
        instant_of(date(2026, 3, 8), time(2, 30), US, is_end=is_end)


def test_the_window_holds_every_shop_day_that_is_touched() -> None:
    """Midnight to midnight is that many days and not the next one; a minute more is a day more."""
    start = instant_of(date(2026, 10, 30), time(0), US)
    end = instant_of(date(2026, 11, 3), time(0), US, is_end=True)
    assert (end - start) == timedelta(days=4, hours=1)
    assert window_of(start, end, US) == Window(date(2026, 10, 30), date(2026, 11, 2))
    assert window_of(start, end + timedelta(minutes=1), US).last == date(2026, 11, 3)


def item(**changes: Any) -> PlannedItem:
    """A listing at 30.00 for as long as anybody knows, to be sold at 24.00."""
    given = PlannedItem(
        sku="TENT",
        promo_price=D(24),
        pre_price=D(30),
        restore_price=D(30),
        structure=us_home(),
        floor_margin=D(0),
        history=PriceHistory(tuple(DatedPrice(TODAY - n * DAY, D(30)) for n in range(1, 100))),
        units_per_day=D(2),
    )
    return replace(given, **changes)


def plan(first: int = 5, days: int = 7, market: str = "US", **changes: Any) -> Plan:
    """A promotion that begins in so many days and lasts so long."""
    start = TODAY + first * DAY
    given = Plan(
        market=market,
        window=Window(start, start + (days - 1) * DAY),
        today=TODAY,
        terms=Terms(),
        shows_reference=True,
        items=(item(),),
    )
    return replace(given, **changes)


def codes(given: Plan) -> list[str]:
    """What blocks a plan."""
    return [check.code for check in check_plan(given) if check.blocks]


def test_a_sound_plan_has_nothing_against_it() -> None:
    """The base case of all tests here."""
    assert check_plan(plan()) == ()


@pytest.mark.parametrize(
    ("terms", "keeps_it"),
    [
        (Terms(), True),
        (Terms(coupon_share=D("0.20")), True),
        (Terms(coupon_share=D("0.40")), False),
        (Terms(coupon_amount=D(9), coupon_fee_amount=D(5)), False),
        (Terms(points_share=D("0.30")), True),
        (Terms(points_share=D("0.32")), False),
        (Terms(ad_uplift_share=D("0.32")), False),
    ],
)
def test_depth_counts_coupon_points_and_advertising(terms: Terms, keeps_it: bool) -> None:
    """24.00 leaves 7.64 of a unit (landed cost 8): what is given beside may take that and no cent more."""
    found = codes(plan(terms=terms))
    assert found == ([] if keeps_it else ["promo_depth"])
    assert keeps_floor(us_home(), D(24), terms, D(0)) is keeps_it


def test_the_depth_check_names_the_lowest_price_that_would_do() -> None:
    """The named price keeps the floor and the tick below does not."""
    terms = Terms(coupon_share=D("0.10"), coupon_fee_amount=D("0.60"))
    (check,) = check_plan(plan(items=(item(promo_price=D(14)),), terms=terms))
    lowest = D(check.values["lowest"])
    assert keeps_floor(us_home(), lowest, terms, D(0))
    assert not keeps_floor(us_home(), lowest - D("0.01"), terms, D(0))
    whole, paid = promoted(us_home(), lowest, terms)
    assert keeps(whole, paid, D(0))


def test_unknown_costs_block() -> None:
    """Where costs are not known nobody can say that the floor is kept."""
    assert codes(plan(items=(item(structure=None),))) == ["promo_costs"]


@pytest.mark.parametrize(("rest", "blocked"), [(0, True), (13, True), (14, False), (30, False)])
def test_two_promotions_need_a_fortnight_between_them(rest: int, blocked: bool) -> None:
    """Both the one before and the one after; the fourteenth day is enough."""
    here = plan(first=40, days=2)
    before = Window(here.window.first - (rest + 2) * DAY, here.window.first - (rest + 1) * DAY, 1)
    after = Window(here.window.last + (rest + 1) * DAY, here.window.last + (rest + 2) * DAY, 2)
    for other in (before, after):
        found = codes(replace(here, items=(item(others=(other,)),), shows_reference=False))
        assert found == (["promo_cool_down"] if blocked else [])


@pytest.mark.parametrize(("days", "blocked"), [(8, False), (9, True)])
def test_at_most_22_days_of_eight_weeks(days: int, blocked: bool) -> None:
    """40 % of 56 days are 22: 14 days before and 8 more are allowed, the ninth is not."""
    here = plan(first=40, days=days, shows_reference=False)
    before = Window(here.window.first - 28 * DAY, here.window.first - 15 * DAY, 1)
    found = codes(replace(here, items=(item(others=(before,)),)))
    assert found == (["promo_share"] if blocked else [])


def test_promotions_planned_later_count_in_the_share_too() -> None:
    """A new one before a planned one of 20 days: their eight weeks are the same."""
    later = Window(TODAY + 30 * DAY, TODAY + 49 * DAY, 1)
    assert codes(plan(first=5, days=3, items=(item(others=(later,)),))) == ["promo_share"]


@pytest.mark.parametrize("shift", [-6, 0, 6])
def test_one_promotion_at_a_time(shift: int) -> None:
    """A shared day at either end is an overlap."""
    here = plan(first=20, days=7, shows_reference=False)
    other = Window(here.window.first + shift * DAY, here.window.last + shift * DAY, 9)
    assert "promo_overlap" in codes(replace(here, items=(item(others=(other,)),)))


@pytest.mark.parametrize(
    ("market", "days", "known", "blocked"),
    [
        ("JP", 14, 99, False),
        ("JP", 15, 99, True),
        ("JP", 3, 8, True),
        ("JP", 3, 9, False),
        ("US", 3, 22, True),
        ("US", 3, 23, False),
        ("DE", 3, 0, False),
    ],
)
def test_the_former_price_must_be_proved_on_every_day(
    market: str, days: int, known: int, blocked: bool
) -> None:
    """Japan: on the fourteenth day the former price is 14 days old, the oldest allowed; two weeks in all.

    The five days until the start count as planned, so 9 recorded days make 14 in Japan and 23 make 28 in the
    United States.
    """
    past = PriceHistory(tuple(DatedPrice(TODAY - n * DAY, D(30)) for n in range(1, known + 1)))
    found = codes(plan(days=days, market=market, items=(item(history=past),)))
    assert found == (["promo_reference"] if blocked else [])
    assert codes(plan(days=days, market=market, items=(item(history=past),), shows_reference=False)) == []


def test_a_promotion_lowers_the_price_and_ends_with_a_higher_one() -> None:
    """Prices the wrong way round."""
    assert "promo_price" in codes(plan(items=(item(promo_price=D(30)),)))
    assert "restore_price" in codes(plan(items=(item(restore_price=D(24)),)))


@pytest.mark.parametrize(("budget", "blocked"), [("126.00", False), ("125.99", True)])
def test_the_budget_is_what_is_given_away(budget: str, blocked: bool) -> None:
    """2 units a day, half more, for 7 days are 21 units at 6.00 off: 126.00."""
    here = plan(budget=D(budget), expected_uplift=D("0.5"))
    assert expected_cost(here) == D("126.00")
    assert codes(here) == (["promo_budget"] if blocked else [])


def test_a_budget_that_cannot_be_compared_is_told_and_does_not_block() -> None:
    """Without expected units nobody knows the cost."""
    found = check_plan(plan(budget=D(1)))
    assert [(check.code, check.blocks) for check in found] == [("promo_budget_unknown", False)]
    with pytest.raises(ValueError, match="needed"):
        expected_cost(plan())


def test_rhythm_counts_eight_weeks_back() -> None:
    """Days 56 and more before do not count; the days since the last one do."""
    windows = [Window(TODAY - 57 * DAY, TODAY - 54 * DAY), Window(TODAY - 10 * DAY, TODAY - 8 * DAY)]
    assert rhythm(windows, TODAY) == (5, 8)
    assert rhythm([], TODAY) == (0, None)


@pytest.mark.parametrize(
    ("observed", "back"), [("30", True), ("29.85", True), ("29.84", False), ("35", True), ("24", False)]
)
def test_a_price_is_back_within_half_a_percent_or_above(observed: str, back: bool) -> None:
    """30.00 is to come back."""
    assert is_back(D(observed), D(30)) is back


def test_every_state_leads_to_an_end_and_none_leads_back() -> None:
    """Only restored and cancelled are ends; proof may come late, so not_restored may become restored."""
    assert [state for state in PromotionState if not STEPS[state]] == [
        PromotionState.RESTORED,
        PromotionState.CANCELLED,
    ]
    order = list(PromotionState)
    late = (PromotionState.NOT_RESTORED, PromotionState.RESTORED)
    for before, steps in STEPS.items():
        assert all(order.index(after) > order.index(before) or (before, after) == late for after in steps)
