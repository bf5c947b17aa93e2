"""Price bands lose no offer, and the competitiveness index is the geometric mean with an honest interval."""

from __future__ import annotations

from decimal import Decimal
from math import exp, log, sqrt
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.engine.bands import competitiveness, price_bands, quantile_edges

D = Decimal
PRICES = st.lists(st.integers(1, 400).map(lambda cents: D(cents) / 4), max_size=60)


@settings(max_examples=150, deadline=None)
@given(PRICES, PRICES, st.integers(2, 8))
def test_every_offer_is_in_one_band(prices: list[Decimal], own: list[Decimal], parts: int) -> None:
    """Bands cover everything without overlap: counts add up, and each offer is where its bounds say."""
    spread = price_bands(prices, own, quantile_edges(prices, parts))
    assert spread.sample == len(prices)
    assert spread.is_enough is (len(prices) >= 10)
    if not prices:
        assert (spread.bands, spread.below_own) == ((), None)
        return
    assert len(spread.bands) <= parts
    assert sum(band.own_count for band in spread.bands) == len(own)
    for band in spread.bands:
        inside = [
            p for p in prices if (band.low is None or p >= band.low) and (band.high is None or p < band.high)
        ]
        assert band.count == len(inside)
        assert abs(band.share - D(len(inside)) / len(prices)) <= D("0.000001")
    assert sum(band.count for band in spread.bands) == len(prices)


def test_given_edges_and_our_place() -> None:
    """Bounds belong to the band above them; ours is placed by its median."""
    spread = price_bands([D(5), D(10), D(15), D(20)], [D(15), D(30), D(12)], [D(20), D(10), D(10)])
    assert [(band.low, band.high, band.count, band.own_count) for band in spread.bands] == [
        (None, D(10), 1, 0),
        (D(10), D(20), 2, 2),
        (D(20), None, 1, 1),
    ]
    assert (spread.own_median, spread.below_own) == (D(15), D("0.500000"))


def test_quantiles_are_prices_that_were_seen() -> None:
    """No interpolation; ties make fewer bands; one part is no band."""
    assert quantile_edges([D(n) for n in range(1, 11)], 5) == (D(2), D(4), D(6), D(8))
    assert quantile_edges([D(7)] * 9, 4) == ()
    assert quantile_edges([], 4) == ()
    with pytest.raises(ValueError, match="two parts"):
        quantile_edges([D(1)], 1)


@pytest.mark.parametrize(("size", "t"), [(2, 12.706), (5, 2.776), (31, 2.042), (61, 2.0003), (121, 1.9799)])
def test_the_index_is_the_geometric_mean_with_students_interval(size: int, t: float) -> None:
    """Against the textbook formula, with quantiles from the tables."""
    pairs = [(D(100 + n % 7), D(100)) for n in range(size)]
    logs = [log(float(own / low)) for own, low in pairs]
    half = t * stdev(logs) / sqrt(size)
    found = competitiveness(pairs)
    assert found.sample == size
    assert found.index is not None
    assert found.low is not None
    assert found.high is not None
    assert float(found.index) == pytest.approx(exp(fmean(logs)), abs=1e-6)
    assert float(found.low) == pytest.approx(exp(fmean(logs) - half), abs=2e-5)
    assert float(found.high) == pytest.approx(exp(fmean(logs) + half), abs=2e-5)


def test_too_little_is_said_to_be_too_little() -> None:
    """No pairs: no index; one: no interval; nothing is divided by zero."""
    assert competitiveness([]).index is None
    assert competitiveness([(D(0), D(1)), (D(1), D(0))]).sample == 0
    lone = competitiveness([(D(21), D(20))])
    assert (lone.sample, lone.index, lone.low) == (1, D("1.050000"), None)
