"""The clearance ladder, its floor without sunk cost, and the comparison of ways against a plain oracle."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.engine.clearance import (
    LADDER,
    AgedFee,
    Avoided,
    Charges,
    Stock,
    Way,
    WayResult,
    band_of,
    clearance_floor,
    clearance_structure,
    compare_ways,
    ladder_price,
)
from pricing.engine.contribution import evaluate, keeps
from pricing.structure import Cost, Returns
from tests.pricing.promotions.structures import us_home

D = Decimal
CENT = D("0.01")
NOTHING = Avoided()


@pytest.mark.parametrize(
    ("age", "cut"),
    [
        (0, None),
        (90, None),
        (91, "0.05"),
        (120, "0.05"),
        (121, "0.10"),
        (150, "0.10"),
        (151, "0.20"),
        (180, "0.20"),
        (181, "0.35"),
        (270, "0.35"),
    ],
)
def test_each_band_begins_and_ends_on_its_day(age: int, cut: str | None) -> None:
    """Both edges of every step: the 20 % hold up to day 180, before the United States charge for age."""
    band = band_of(age)
    assert (band.cut if band else None) == (D(cut) if cut else None)
    price = ladder_price(us_home(), D(40), age, NOTHING)
    assert price == (None if cut is None else D(40) * (1 - D(cut)))


@pytest.mark.parametrize("age", [271, 366, 1000])
def test_the_oldest_stock_is_removed(age: int) -> None:
    """From day 271 on the ladder has no price: it is removed."""
    band = band_of(age)
    assert band is not None
    assert band.cut is None
    assert ladder_price(us_home(), D(40), age, NOTHING) is None


def test_no_age_is_in_two_bands_or_in_none_above_90() -> None:
    """The bands cover every age from 91 on exactly once."""
    for age in range(91, 500):
        holding = [b for b in LADDER if b.first <= age and (b.last is None or age <= b.last)]
        assert len(holding) == 1


def test_worked_example_us23() -> None:
    """A saved aged fee of 0.70 and no sunk cost: 3.78 is the lowest price, to the unit (domain US23)."""
    structure = us_home((Cost("purchase", D(8)), Cost("first_leg", D("1.20")), Cost("storage", D("0.15"))))
    assert clearance_floor(structure, Avoided(aged=D("0.70"))) == D("3.78")
    cleared = clearance_structure(structure, Avoided(aged=D("0.70")))
    assert evaluate(cleared, D("3.78")).contribution == 0
    assert not keeps(cleared, D("3.77"), D(0))


def test_the_clearance_floor_ignores_what_is_sunk_and_nothing_else() -> None:
    """Landed lines fall out, after-sales stays; returned units are worth nothing any more."""
    structure = replace(
        us_home((Cost("purchase", D(8)), Cost("duty", D(2)), Cost("after_sales", D("0.40")))),
        returns=Returns(rate=D("0.1"), salvage=D("0.5"), landed=D(10), processing=D("0.30")),
    )
    found = clearance_structure(structure, Avoided(storage=D("0.20"), removal=D("0.50")))
    assert [(cost.name, cost.amount) for cost in found.costs] == [
        ("after_sales", D("0.40")),
        ("avoided_storage", D("-0.20")),
        ("avoided_removal", D("-0.50")),
    ]
    assert found.returns is not None
    assert (found.returns.salvage, found.returns.landed, found.returns.processing) == (0, 0, D("0.30"))
    with pytest.raises(ValueError, match="not negative"):
        clearance_structure(structure, Avoided(storage=D(-1)))


@given(
    regular=st.integers(100, 9_000),
    age=st.integers(80, 300),
    saved=st.integers(0, 300),
    landed=st.integers(0, 3_000),
)
@settings(max_examples=60, deadline=None)
def test_the_ladder_never_goes_below_the_clearance_floor(
    regular: int, age: int, saved: int, landed: int
) -> None:
    """Whatever was paid for the goods: every step keeps c ≥ 0 without sunk cost."""
    structure = us_home((Cost("purchase", D(landed) / 100),))
    avoided = Avoided(aged=D(saved) / 100)
    price = ladder_price(structure, D(regular) / 100, age, avoided)
    band = band_of(age)
    if band is None or band.cut is None:
        assert price is None
        return
    assert price is not None
    assert keeps(clearance_structure(structure, avoided), price, D(0))
    assert price >= (D(regular) / 100 * (1 - band.cut)) - CENT / 2
    assert price == ladder_price(us_home(()), D(regular) / 100, age, avoided)


def stock(**changes: object) -> Stock:
    """100 units of 100 days at 30.00, two sold a day."""
    given_ = Stock(100, 100, D(30), D(30), D(2), D("-2"))
    return replace(given_, **changes)  # type: ignore[arg-type]


FULL = Charges(
    storage=D("0.30"),
    aged=(AgedFee(181, D("0.50")), AgedFee(271, D("1.50"))),
    removal=D("1.04"),
    disposal=D("1.00"),
    liquidation=D("2.50"),
)


def by_way(results: tuple[WayResult, ...]) -> dict[Way, WayResult]:
    """The results by their way."""
    return {each.way: each for each in results}


def test_ways_at_once_bring_their_amount_per_unit() -> None:
    """Removal and disposal cost, a liquidator pays; the best way stands first."""
    results = compare_ways(us_home(), stock(), FULL, NOTHING, minor=CENT)
    found = by_way(results)
    assert found[Way.REMOVAL].value == D("-104.00")
    assert found[Way.DISPOSAL].value == D("-100.00")
    assert found[Way.LIQUIDATION].value == D("250.00")
    values = [each.value for each in results]
    assert values == sorted(values, reverse=True)  # type: ignore[type-var]


def test_holding_equals_a_hand_computation() -> None:
    """Three units, one a day at 30.00: each leaves 20.74 without its sunk cost; two nights of storage."""
    found = by_way(
        compare_ways(us_home(), stock(units=3, units_per_day=D(1), age_days=10), FULL, NOTHING, minor=CENT)
    )[Way.HOLD]
    left = evaluate(us_home(()), D(30)).contribution
    assert left == D("20.74")
    nights = (2 + 1) * Fraction(30, 100) * 12 / 365
    assert found.cash == (3 * left - D(str(round(float(nights), 10)))).quantize(CENT)
    assert (found.days, found.left, found.sold, found.break_even_day) == (3, D("0.0"), D("3.0"), 1)


def oracle(way: Way, start: Stock, charges: Charges, horizon: int) -> Fraction:
    """The undiscounted cash of a way, in fractions, written down from the definition; no elasticity."""
    left = Fraction(start.units)
    cash = Fraction(0)
    rests = [-charges.removal, -charges.disposal, charges.liquidation]  # type: ignore[operator]
    rest = Fraction(max(rests))  # type: ignore[type-var]
    for day in range(horizon):
        age = start.age_days + day
        price = start.price
        if way is Way.LADDER:
            if age > 270:
                break
            cut = 35 if age > 180 else 20 if age > 150 else 10 if age > 120 else 5 if age > 90 else 0
            price = min(price, (start.regular_price * (100 - cut) / 100).quantize(CENT))
        sold = min(Fraction(start.units_per_day), left)  # type: ignore[arg-type]
        left -= sold
        aged = D("1.50") if age >= 271 else D("0.50") if age >= 181 else D(0)
        cash += sold * Fraction(evaluate(us_home(()), price).contribution)
        cash -= left * Fraction(D("0.30") + aged) * 12 / 365
        if not left:
            break
    return cash + left * rest


@given(units=st.integers(1, 400), age=st.integers(60, 290), pace=st.integers(0, 40))
@settings(max_examples=25, deadline=None)
def test_selling_ways_equal_the_oracle(units: int, age: int, pace: int) -> None:
    """Ladder and hold, from any age, fast and slow: cash to the cent; with no interest value is cash."""
    start = stock(units=units, age_days=age, units_per_day=D(pace) / 10, elasticity=None)
    found = by_way(compare_ways(us_home(), start, FULL, NOTHING, minor=CENT, horizon=240))
    for way in (Way.LADDER, Way.HOLD):
        cash = found[way].cash
        assert cash is not None
        assert abs(Fraction(cash) - oracle(way, start, FULL, 240)) <= Fraction(1, 199)
        assert found[way].value == cash
        assert found[way].sold is not None
        assert found[way].left is not None
        assert abs(found[way].sold + found[way].left - units) <= D("0.1")


def test_the_ladder_beats_holding_when_stock_is_slow_and_buyers_care() -> None:
    """300 units at a unit in two days with elasticity −3: the ladder clears sooner and brings more."""
    slow = stock(units=300, units_per_day=D("0.5"), elasticity=D(-3), age_days=150)
    found = by_way(compare_ways(us_home(), slow, FULL, NOTHING, minor=CENT))
    ladder, hold = found[Way.LADDER], found[Way.HOLD]
    assert ladder.value is not None
    assert hold.value is not None
    assert ladder.value > hold.value
    assert ladder.left is not None
    assert hold.left is not None
    assert ladder.left < hold.left
    assert ladder.days == 121  # From day 271 on it is removed: 121 days from day 150.


def test_interest_makes_late_money_worth_less() -> None:
    """The value falls with the yearly rate, the cash does not."""
    slow = stock(units=200, units_per_day=D(1))
    plain = by_way(compare_ways(us_home(), slow, FULL, NOTHING, minor=CENT))[Way.HOLD]
    dear = by_way(compare_ways(us_home(), slow, replace(FULL, yearly_rate=D("0.12")), NOTHING, minor=CENT))[
        Way.HOLD
    ]
    assert plain.value == plain.cash == dear.cash
    assert dear.value is not None
    assert plain.value is not None
    assert dear.value < plain.value


@pytest.mark.parametrize(
    ("charges", "start", "missing"),
    [
        (replace(FULL, storage=None), stock(), ("storage",)),
        (replace(FULL, aged=None), stock(), ("aged_fees",)),
        (FULL, stock(units_per_day=None), ("units_per_day",)),
        (replace(FULL, removal=None, disposal=None, liquidation=None), stock(), ("removal",)),
        (Charges(), stock(units_per_day=None), ("units_per_day", "storage", "aged_fees", "removal")),
    ],
)
def test_what_is_not_known_is_named_and_never_nothing(
    charges: Charges, start: Stock, missing: tuple[str, ...]
) -> None:
    """A way that lacks a figure has no value; it is named and stands last."""
    results = compare_ways(us_home(), start, charges, NOTHING, minor=CENT)
    found = by_way(results)
    for way in (Way.LADDER, Way.HOLD):
        assert (found[way].value, found[way].missing) == (None, missing)
    for way, amount in (
        (Way.REMOVAL, charges.removal),
        (Way.DISPOSAL, charges.disposal),
        (Way.LIQUIDATION, charges.liquidation),
    ):
        assert (found[way].value is None) == (amount is None)
    unknown = [each.value is None for each in results]
    assert unknown == sorted(unknown)


def test_break_even_comes_late_when_storage_is_dear() -> None:
    """At a trickle of sales and dear storage, selling on is worse than the liquidator's offer: never even."""
    dear = replace(FULL, storage=D(30))
    slow = stock(units_per_day=D("0.1"), elasticity=None)
    found = by_way(compare_ways(us_home(), slow, dear, NOTHING, minor=CENT))
    assert found[Way.HOLD].break_even_day is None
    assert found[Way.LIQUIDATION].value is not None
    assert found[Way.HOLD].value is not None
    assert found[Way.LIQUIDATION].value > found[Way.HOLD].value
