"""What changes of fees and rates do: divergences, kept margins, currency ladders, margins at risk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricing.engine.contribution import evaluate, keeps
from pricing.engine.divergence import Readings, compare
from pricing.engine.fee_shift import move_line, shift_fees
from pricing.engine.fx_moves import Level, hedge, ladder, trigger
from pricing.engine.keep_margin import keep_margin
from pricing.engine.margin_at_risk import Position, Shocks, assess, market_margins
from pricing.fees.query import FeeQuery
from pricing.fees.schedule import quote_fees
from pricing.fees.sizes import Parcel
from pricing.structure import Cost, CostStructure, FixedFee, RateFee, Tier
from pricing.types import Truth

CENT = D("0.01")
# A busy machine may stall while inputs are drawn, which says nothing of the code.
UNHURRIED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def reading(**changes: object) -> Readings:
    """A referral fee of 15 % on 20.00 that is charged as the table says."""
    base = Readings("TENT", "referral", True, D(20), D(20), 100, ((Truth.CHARGED, D(3)), (Truth.TABLE, D(3))))
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("is_share", "charged", "expected", "is_out"),
    [
        (True, "3.20", "3.20", False),
        (True, "4.20", "4.00", False),
        (True, "4.21", "4.00", True),
        (True, "3.79", "4.00", True),
        (True, "1.05", "1.00", False),
        (True, "1.06", "1.00", True),
        (False, "4.83", "4.60", False),
        (False, "4.84", "4.60", True),
        (False, "0.01", "0", True),
        (False, "0", "0", False),
    ],
)
def test_what_is_out_of_line(is_share: bool, charged: str, expected: str, is_out: bool) -> None:
    """More than one point of the price or more than 5 %; exactly at a limit is still in line."""
    pair = ((Truth.CHARGED, D(charged)), (Truth.TABLE, D(expected)))
    assert bool(compare([reading(is_share=is_share, by_truth=pair)])) is is_out


def test_a_divergence_is_told_in_money_and_margin() -> None:
    """18 instead of 15 % of 20.00 on 100 units: 60 a month, three points of margin; largest first."""
    small = reading(sku="LAMP", units=1, by_truth=((Truth.CHARGED, D("3.6")), (Truth.TABLE, D(3))))
    large = reading(by_truth=((Truth.CHARGED, D("3.6")), (Truth.ESTIMATED, D("3.6")), (Truth.TABLE, D(3))))
    found = compare([small, large])
    assert [(each.sku, each.stronger.value, each.weaker.value) for each in found] == [
        ("TENT", "charged", "table"),
        ("TENT", "estimated", "table"),
        ("LAMP", "charged", "table"),
    ]
    first = found[0]
    assert (first.difference, first.points, first.exposure) == (D("0.6"), D("0.03"), D(60))
    assert first.margin_move == D("-0.03")


def structure(*fees: object, costs: str = "8") -> CostStructure:
    """A unit sold in the United States with these fees."""
    return CostStructure("USD", D(0), CENT, CENT, D(200), fees, (Cost("purchase", D(costs)),))  # type: ignore[arg-type]


def test_fees_of_the_tables_are_replaced_and_charged_ones_move_as_far() -> None:
    """The surcharge of 2026-04-17: by table it becomes a fee of its own, a charged 4.60 becomes 4.76."""
    query = FeeQuery(
        market="US",
        platform="amazon",
        on=date(2026, 4, 16),
        category="home_kitchen",
        parcel=Parcel.inches(D(8), D(5), D(3), D(16)),
    )
    before, after = quote_fees(query), quote_fees(replace(query, on=date(2026, 4, 17)))
    by_table = shift_fees(structure(*before.fees), before.fees, after.fees, D(20))
    assert by_table.fees == after.fees
    referral = RateFee("referral", (Tier(None, D("0.147")),))
    charged = structure(referral, FixedFee("fulfilment", D("4.60")))
    moved = shift_fees(charged, before.fees, after.fees, D(20))
    assert moved.fees == (referral, FixedFee("fulfilment", D("4.76")))


def test_a_charged_share_moves_by_points() -> None:
    """The royalty of 2026-09-01 appears and the campaign goes; a measured payment fee stays as it is."""
    mall = FeeQuery(market="JP", platform="yahoo_shopping", on=date(2026, 8, 31))
    before, after = quote_fees(mall), quote_fees(replace(mall, on=date(2026, 9, 1)))
    own = CostStructure(
        "JPY",
        D("0.10"),
        D(1),
        D(1),
        D(12000),
        (*before.fees, RateFee("payment", (Tier(None, D("0.031")),))),
    )
    names = [fee.name for fee in shift_fees(own, before.fees, after.fees, D(2000)).fees]
    assert names == ["points", "payment", "royalty"]
    dearer = move_line(structure(RateFee("referral", (Tier(None, D("0.15")),))), "referral", D("0.4"), D(20))
    assert dearer.fees == (RateFee("referral", (Tier(None, D("0.17")),)),)
    assert move_line(own, "fulfilment", D(5), D(2000)) == own


@UNHURRIED
@given(
    before=st.integers(50, 180),
    after=st.integers(50, 180),
    price=st.integers(1500, 9000),
    cost=st.integers(200, 1200),
)
def test_the_kept_price_keeps_the_margin(before: int, after: int, price: int, cost: int) -> None:
    """Dearer fees raise the price to the first tick that keeps the margin, cheaper ones lower it as far."""
    was, now = (
        structure(RateFee("referral", (Tier(None, D(rate) / 1000),)), costs=str(D(cost) / 100))
        for rate in (before, after)
    )
    shown = D(price) / 100
    kept = keep_margin(was, now, shown)
    assert kept.before == evaluate(was, shown)
    assert kept.before.margin is not None
    margin = kept.before.margin.quantize(D("0.000001"), "ROUND_FLOOR")
    if kept.kept is None:
        assert not any(keeps(now, shown + CENT * step, margin) for step in range(0, 3000, 50))
        return
    assert keeps(now, kept.kept.price, margin)
    assert not keeps(now, kept.kept.price - CENT, margin)
    assert (kept.kept.price <= shown) is keeps(now, shown, margin)


def test_the_margin_of_the_reference_example_falls_with_the_yuan() -> None:
    """2,000 yen, 30 yuan at 21.00 then 22.05: 28.25 % becomes 26.52 % (domain reference, section 6)."""
    net = D("1818.18")
    other = D("674.545454545")  # The example names no other costs: what leaves 28.25 % at the first rate.
    for rate, margin in (("21.0", "0.2825"), ("22.05", "0.2652")):
        costs = (Cost("purchase", 30 * D(rate)), Cost("other", other))
        unit = CostStructure("JPY", D("0.10"), D(1), D(1), D(9000), (), costs)
        found = evaluate(unit, D(2000))
        assert found.net_revenue == net
        assert found.margin is not None
        assert found.margin.quantize(D("0.0001")) == D(margin)
    share = D(630) / net
    assert (share * D("0.05")).quantize(D("0.0001")) == D("0.0173")
    limit = trigger(D("0.2825"), D("0.20"), share)
    assert limit is not None
    assert limit.quantize(D("0.001")) == D("0.238")
    assert trigger(D("0.2825"), D("0.20"), D(0)) is None


@pytest.mark.parametrize(
    ("moves", "level"),
    [
        ("", Level.QUIET),
        ("0.06", Level.QUIET),
        ("0.019 0.0199", Level.QUIET),
        ("0.02 0.02", Level.NOTE),
        ("0.02 0.03", Level.NOTE),
        ("0.03 0.03", Level.SUGGEST),
        ("-0.03 -0.04", Level.SUGGEST),
        ("0.03 -0.03", Level.QUIET),
        ("0.05 0.06", Level.URGENT),
        ("0.05 0.05 0.041 0.041", Level.URGENT),
        ("0.05 0.05 0.039 0.041", Level.URGENT),
        ("0.05 0.05 0.039 0.039", Level.SUGGEST),
        ("0.05 0.05 0.005 0.005", Level.QUIET),
        ("0.03 0.03 0.021 0.021", Level.SUGGEST),
    ],
)
def test_the_ladder_needs_two_fixes_and_is_left_with_hysteresis(moves: str, level: Level) -> None:
    """2, 3 and 5 %; a step once taken is left more than one point below it, on two fixes."""
    assert ladder([D(move) for move in moves.split()]) is level


def test_a_hedge_is_due_from_a_tenth_of_the_quarter() -> None:
    """VaR95 = exposure · 1.645 · σ · √90, by hand; too few moves say nothing."""
    moves = [0.004, -0.004] * 15
    view = hedge(D(100000), moves, D(60000))
    assert view is not None
    deviation = (0.004**2 * 30 / 29) ** 0.5
    assert abs(float(view.value_at_risk) - 100000 * 1.645 * deviation * 90**0.5) < 0.01
    assert (view.is_due, view.cover) == (True, D("50000.00"))
    calm = hedge(D(100000), moves, D(70000))
    assert calm is not None
    assert (calm.is_due, calm.cover) == (False, D(0))
    assert hedge(D(100000), moves[:19], D(1)) is None


POSITION = Position(
    sku="TENT",
    market="US",
    net=D(20),
    contribution=D(3),
    in_currency=D(8),
    duty_value=D(5),
    fees=D(6),
    return_rate=D("0.05"),
    per_return=D(10),
    units_per_month=D(100),
    floor_margin=D("0.10"),
)
STILL = Shocks(fx_daily=D(0), duty_chance=D(0), fee_deviation=D(0), return_deviation=D(0))


def test_without_shocks_nothing_is_at_risk() -> None:
    """The fifth percentile is the margin itself, and nothing needs mending."""
    found = assess([POSITION], STILL, seed=1)[0]
    assert found.p5_margin == D("0.15")
    assert (found.mitigations, found.cheapest) == ((), None)
    assert market_margins([POSITION], STILL, seed=1)["US"] == (D("0.15"), D("0.15"))


def test_the_fifth_percentile_of_a_currency_is_that_of_its_distribution() -> None:
    """With the currency alone the simulated margin agrees with the formula to half a point."""
    shocks = replace(STILL, fx_daily=D("0.006"))
    found = assess([POSITION], shocks, seed=3)[0]
    deviation = 0.006 * 90**0.5
    rise = 2.718281828 ** (1.644854 * deviation - deviation**2 / 2) - 1
    assert float(found.p5_margin) == pytest.approx((3 - 8 * rise) / 20, abs=0.005)
    assert found.driver == "fx"


def test_mitigations_are_sized_and_the_cheapest_is_named() -> None:
    """Price, hedge and route each say what they take; without known costs none is the cheapest."""
    shocks = Shocks(fx_daily=D("0.008"))
    plain = assess([POSITION], shocks, seed=5)[0]
    assert plain.p5_margin < D("0.10")
    assert [each.way for each in plain.mitigations] == ["price", "hedge", "route"]
    assert plain.cheapest is None
    priced = assess([POSITION], shocks, seed=5, elasticity={"TENT": D("-3")}, hedge_cost=D("0.005"))[0]
    assert priced.p5_margin == plain.p5_margin
    assert priced.cheapest is not None
    known = [each for each in priced.mitigations if each.monthly_cost is not None and each.is_enough]
    assert priced.cheapest.monthly_cost == min(
        each.monthly_cost for each in known if each.monthly_cost is not None
    )
    rise = priced.mitigations[0].size
    richer = replace(POSITION, net=POSITION.net + rise, contribution=POSITION.contribution + rise * D("0.7"))
    assert abs(assess([richer], shocks, seed=5)[0].p5_margin - D("0.10")) < D("0.002")


def test_the_same_seed_gives_the_same_answer() -> None:
    """And another one another."""
    shocks = Shocks(fx_daily=D("0.008"))
    assert assess([POSITION], shocks, seed=7) == assess([POSITION], shocks, seed=7)
    assert assess([POSITION], shocks, seed=7) != assess([POSITION], shocks, seed=8)
