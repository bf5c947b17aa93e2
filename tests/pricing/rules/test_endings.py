"""Price endings: the reference examples to the digit, the rule of each market, and never below the floor."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricing.rules.cases import charm_case
from pricing.rules.endings import MERCADO_LIBRE, charm


@pytest.mark.parametrize(
    ("market", "target", "floor", "meli", "expected"),
    [
        ("US", 21.27, 15.01, False, "20.99"),
        ("US", 34.1, 33.5, False, "33.99"),
        ("JP", 2021, 1423, False, 1980),
        ("JP", 1005, 990, False, 1080),
        ("JP", 2560, 1845, False, 2580),
        ("JP", 10200, 9000, False, 9980),
        ("MX", 451, 265.41, False, "449"),
        ("MX", 305, 300, True, "309"),
    ],
)
def test_the_reference_examples_come_out_to_the_digit(
    market: str, target: float, floor: float, meli: bool, expected: str | int
) -> None:
    """The section `charm` of the method examples, read from JSON numbers and written as it writes them."""
    assert charm_case({"market": market, "target": target, "floor": floor, "meli": meli}) == expected


@pytest.mark.parametrize(
    ("market", "target", "floor", "expected"),
    [
        # US: .99 within 2 %, the nearer one, the lower of two; then .49 and .95; then the target.
        ("US", "10.05", "5", "9.99"),
        ("US", "50.60", "5", "50.99"),
        ("US", "50.49", "5", "49.99"),
        ("US", "9.45", "5", "9.49"),
        ("US", "20.20", "20.00", "20.49"),
        ("US", "12.90", "12.80", "12.99"),
        ("US", "5.20", "5", "5.20"),
        # JP: the steps below round thresholds, and where they end.
        ("JP", "3080", "2000", "2980"),
        ("JP", "1000", "500", "980"),
        ("JP", "1049", "500", "980"),
        ("JP", "1050", "500", "1080"),
        ("JP", "1005", "980", "980"),
        ("JP", "1005", "981", "1080"),
        ("JP", "4100", "500", "4080"),
        ("JP", "12345", "500", "12380"),
        ("JP", "490", "100", "480"),
        ("JP", "999", "100", "980"),
        ("JP", "130", "100", "128"),
        ("JP", "95", "10", "98"),
        # MX: whole nines, and .90 or .00 where they are far.
        ("MX", "124", "20", "119"),
        ("MX", "1210", "20", "1209"),
        ("MX", "45.30", "20", "45.00"),
        ("MX", "45.80", "45.70", "45.90"),
        # A target below the floor is lifted first; other markets have no endings.
        ("US", "10.00", "12.40", "12.49"),
        ("DE", "10.05", "5", "10.05"),
    ],
)
def test_each_market_has_its_endings(market: str, target: str, floor: str, expected: str) -> None:
    """The edges of the rule that docs/pricing-rules.md states."""
    assert charm(market, Decimal(target), Decimal(floor)) == Decimal(expected)


@pytest.mark.parametrize(
    ("target", "floor", "expected"),
    [
        ("305", "200", "298.99"),
        ("299", "200", "298.99"),
        ("357.67", "200", "298.99"),
        ("357.68", "200", "359"),
        ("305", "298.99", "298.99"),
        ("305", "299", "309"),
        ("296", "200", "289"),
        ("298.99", "200", "298.99"),
    ],
)
def test_mercado_libre_stays_below_free_shipping_in_its_dead_zone(
    target: str, floor: str, expected: str
) -> None:
    """305 earns no more than 298.99; an ending does not carry a price into the zone from below either."""
    assert charm("MX", Decimal(target), Decimal(floor), platform=MERCADO_LIBRE) == Decimal(expected)


def test_a_floor_that_allows_some_prices_only_is_asked_of_every_candidate() -> None:
    """Where profit falls behind a tier, 20.99 may be forbidden though 20.49 is not."""
    assert charm("US", Decimal("20.80"), lambda price: price <= Decimal("20.50")) == Decimal("20.49")
    assert charm("US", Decimal("20.80"), lambda price: False) == Decimal("20.80")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    market=st.sampled_from(["US", "JP", "MX"]),
    target=st.integers(100, 3_000_000),
    floor=st.integers(100, 3_000_000),
    meli=st.booleans(),
)
def test_no_ending_is_below_the_floor(market: str, target: int, floor: int, meli: bool) -> None:
    """Nor further from the (lifted) target than a market's widest rule: one step of its grid and 10 %."""
    places = 0 if market == "JP" else 2
    wanted, lowest = Decimal(target).scaleb(-places), Decimal(floor).scaleb(-places)
    price = charm(market, wanted, lowest, platform=MERCADO_LIBRE if meli else "")
    assert price >= lowest
    lifted = max(wanted, lowest)
    widest = {"US": lifted * Decimal("0.02"), "MX": lifted * Decimal("0.17"), "JP": lifted / 10 + 100}
    assert abs(price - lifted) <= widest[market]
