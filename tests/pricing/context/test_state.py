"""How old stock and inputs are, and how long stock lasts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pricing.engine.state import cover_days, input_age, oldest_tenth, rate_age
from tests.pricing.context.shops import NOW


@pytest.mark.parametrize(
    ("buckets", "age"),
    [
        ((0, 0, 0, 0, 0), None),
        ((100, 0, 0, 0, 0), 0),
        ((91, 9, 0, 0, 0), 0),
        ((90, 10, 0, 0, 0), 91),
        ((50, 41, 5, 4, 0), 91),
        ((50, 40, 5, 4, 1), 181),
        ((0, 0, 0, 0, 1), 366),
    ],
)
def test_the_oldest_tenth_decides_the_age(buckets: tuple[int, ...], age: int | None) -> None:
    """The first day of the bucket in which the oldest tenth begins."""
    assert oldest_tenth(buckets) == age


@pytest.mark.parametrize(
    ("rate_on", "on", "is_fresh"),
    [
        (date(2026, 11, 20), date(2026, 11, 23), True),
        (date(2026, 11, 20), date(2026, 11, 24), True),
        (date(2026, 11, 20), date(2026, 11, 25), False),
        (date(2026, 11, 18), date(2026, 11, 20), True),
        (date(2026, 11, 17), date(2026, 11, 20), False),
    ],
)
def test_rates_age_on_days_on_which_they_are_published(rate_on: date, on: date, is_fresh: bool) -> None:
    """Friday's rate serves on Monday and Tuesday, not on Wednesday."""
    assert rate_age(rate_on, None, 2, on).is_fresh is is_fresh


def test_an_input_is_fresh_up_to_its_limit() -> None:
    """At the limit, not a second later; without a date never."""
    assert input_age("x", NOW - timedelta(hours=5), 5, NOW).is_fresh
    assert not input_age("x", NOW - timedelta(hours=5, seconds=1), 5, NOW).is_fresh
    assert not input_age("x", None, 5, NOW).is_fresh


def test_cover_is_stock_over_pace() -> None:
    """Unknown without either."""
    assert cover_days(30, Decimal("2.5")) == Decimal("12.0")
    assert cover_days(None, Decimal(1)) is None
    assert cover_days(30, Decimal(0)) is None
