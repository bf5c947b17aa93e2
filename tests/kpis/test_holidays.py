"""The rest days of the markets, against calendars published for single years."""

from __future__ import annotations

from datetime import date

from kpis.catalog.holidays import FIRST_YEAR, LAST_YEAR, all_rest_days, rest_days


def test_the_federal_holidays_of_2026() -> None:
    """The eleven of the Office of Personnel Management's list; July 4 is a Saturday, so the 3rd is free."""
    assert rest_days("US", 2026) == [
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 3),
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 12, 25),
    ]


def test_new_year_on_a_saturday_is_observed_the_day_before() -> None:
    """2022-01-01 was a Saturday: the Friday, in the year before, was free."""
    assert date(2021, 12, 31) in rest_days("US", 2021)


def test_warehouses_in_japan_close_three_times_a_year() -> None:
    """Golden Week, Obon and the turn of the year, as the domain reference has them."""
    days = set(rest_days("JP", 2026))
    assert {date(2026, 4, 29), date(2026, 5, 5), date(2026, 8, 13), date(2026, 8, 16)} <= days
    assert {date(2026, 12, 29), date(2026, 12, 31), date(2026, 1, 1), date(2026, 1, 3)} <= days
    assert date(2026, 5, 6) not in days


def test_mexico_rests_on_mondays() -> None:
    """Constitution, Juárez and Revolution days are Mondays (art. 74 LFT)."""
    assert {date(2026, 2, 2), date(2026, 3, 16), date(2026, 11, 16)} <= set(rest_days("MX", 2026))


def test_no_weekend_is_listed_and_no_market_is_made_up() -> None:
    """Weekends are closed anyway; a market without a list rests at weekends only."""
    listed = all_rest_days()
    assert all(day.isoweekday() < 6 for _, day in listed)
    assert {market for market, _ in listed} == {"JP", "MX", "US"}
    assert {day.year for _, day in listed} >= set(range(FIRST_YEAR, LAST_YEAR + 1))
    assert rest_days("BR", 2026) == []
