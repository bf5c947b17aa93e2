"""Elasticities, net scores and sums of KPIs: against the published example and by their own rules."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.catalog import CATALOG
from kpis.engine.elasticity import fit, pooled, student_t
from kpis.engine.evaluate import evaluate
from kpis.types import Reason
from tests.kpis.engine.windows import window

PRICES = [Decimal(n) for n in (20, 21, 22, 23, 24)]
UNITS = [Decimal(n) for n in (120, 108, 97, 88, 81)]


def test_the_elasticity_of_the_method_example() -> None:
    """Prices 20 to 24, units 120 to 81 (domain reference, elasticity_ols): −2.176, inside its interval."""
    found = fit(PRICES, UNITS)
    assert found is not None
    assert round(found.slope, 3) == Decimal("-2.176")
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.slope < found.high
    assert found.n == 5


def test_without_variation_of_price_there_is_no_elasticity() -> None:
    """One price says nothing, and two points leave nothing to judge the slope by."""
    assert fit([Decimal(20)] * 3, UNITS[:3]) is None
    assert fit([], []) is None
    two = fit(PRICES[:2], UNITS[:2])
    assert two is not None
    assert (two.low, two.high) == (None, None)
    with pytest.raises(ValueError, match="zip"):
        fit(PRICES, UNITS[:2])


@given(st.decimals("-5", "-0.1", places=3), st.lists(st.integers(500, 5_000), min_size=3, unique=True))
def test_a_power_law_gives_back_its_exponent(exponent: Decimal, cents: list[int]) -> None:
    """Units that follow price ** e exactly give e, and an interval of no width."""
    prices = [Decimal(n) / 100 for n in cents]
    found = fit(prices, [Decimal(1_000) * price**exponent for price in prices])
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert abs(found.slope - exponent) < Decimal("1e-12")
    assert found.high - found.low < Decimal("1e-8")


def test_groups_cost_degrees_of_freedom() -> None:
    """The same sums from more SKUs make a wider interval."""
    one = pooled(sxx=Decimal(2), sxy=Decimal(-4), syy=Decimal(9), points=12, groups=1)
    four = pooled(sxx=Decimal(2), sxy=Decimal(-4), syy=Decimal(9), points=12, groups=4)
    assert one is not None
    assert four is not None
    assert one.slope == four.slope == -2
    assert one.low is not None
    assert four.low is not None
    assert four.low < one.low


@pytest.mark.parametrize(
    ("freedom", "t"),
    [(1, "12.706"), (10, "2.228"), (30, "2.042"), (35, "2.042"), (50, "2.021"), (5_000, "1.960")],
)
def test_students_t_never_makes_an_interval_too_narrow(freedom: int, t: str) -> None:
    """The standard table, and between its steps the next smaller degrees of freedom."""
    assert student_t(freedom) == Decimal(t)


def test_a_net_score_shows_how_sure_it_is() -> None:
    """7 for, 2 against of 10: 50 ± 49.97; all for: 100, without any doubt this formula knows of."""
    found = evaluate(
        CATALOG["nps"], window({"nps_answers": 10, "nps_promoters": 7, "nps_detractors": 2}), "USD"
    )
    also = dict(found.also)
    assert found.value == 50
    assert also["n"] == 10
    assert (round(also["low"], 2), round(also["high"], 2)) == (Decimal("0.03"), Decimal("99.97"))
    sure = evaluate(CATALOG["nps"], window({"nps_answers": 10, "nps_promoters": 10}), "USD")
    assert dict(sure.also) == {"low": 100, "high": 100, "n": 10}
    nobody = evaluate(CATALOG["nps"], window({}), "USD")
    assert nobody.why_missing is Reason.NO_ANSWERS


def test_the_cash_cycle_is_the_sum_of_its_parts() -> None:
    """Stock that lasts 30 days, money after 15, suppliers paid after 20: 25 days, and each part is told."""
    amounts = {
        "inventory_cost": 300,
        "cogs_sold": 70,
        "payouts_waited": 90,
        "payouts_received": 6,
        "payable_days_good": 60,
        "payable_days_of": 3,
    }
    found = evaluate(CATALOG["cash_conversion_cycle"], window(amounts), "USD")
    parts = dict(found.also)
    assert parts == {"inventory_turnover_days": 30, "cash_collection_days": 15, "payable_days": 20}
    assert found.value == 25


def test_deviations_of_opposite_sign_do_not_hide_each_other() -> None:
    """+10 and −10 on base prices of 200 are 10 % off, 0 net, one of two SKUs beyond the band."""
    amounts = {
        "price_deviation": 20,
        "price_deviation_net": 0,
        "base_prices": 200,
        "skus_with_base_price": 2,
        "skus_beyond_band": 1,
    }
    found = evaluate(CATALOG["price_deviation_pct"], window(amounts), "USD")
    assert found.value == Decimal("0.1")
    assert dict(found.also) == {"net": 0, "share_beyond_band": Decimal("0.5"), "n": 2}
