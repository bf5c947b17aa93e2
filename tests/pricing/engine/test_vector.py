"""The columns against the solver: the same floors, targets, contributions and endings, row by row."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from pricing.engine.contribution import evaluate, keeps
from pricing.engine.shape import MOST_CENTS, Batch, cents, structure_of
from pricing.engine.solve import lowest_price
from pricing.engine.vector import NONE, Priced, Why, price_many
from pricing.engine.vector_endings import ENDINGS
from pricing.rules.endings import charm
from tests.pricing.engine.batches import SHAPES, make_batch


def money(value: int) -> Decimal:
    """Cents as an amount."""
    return Decimal(int(value)).scaleb(-2)


@pytest.mark.parametrize("is_odd", [False, True], ids=["usual", "odd"])
@pytest.mark.parametrize("market", SHAPES)
def test_floors_and_targets_are_those_of_the_solver(market: str, is_odd: bool) -> None:
    """Rows of every tier and band; odd ones take nearly all revenue, cost nothing or save by selling."""
    batch = make_batch(SHAPES[market], 80, 11, odd=is_odd)
    found = price_many(batch)
    for row in range(len(batch)):
        structure = structure_of(batch, row)
        assert found.floor[row] == cents(lowest_price(structure, Decimal(0)))
        assert found.target[row] == cents(lowest_price(structure, structure.target_margin))


@pytest.mark.parametrize("market", ["US", "JP", "MX"])
def test_the_price_is_what_the_rules_would_choose(market: str) -> None:
    """Target, then the market's ending where bounds and floor allow it, then bounds; contribution and margin
    are those of the price, and no price loses money."""
    batch = make_batch(SHAPES[market], 150, 12)
    found = price_many(batch, ENDINGS[market])
    shape = batch.shape
    for row in range(len(batch)):
        structure = structure_of(batch, row)
        low = max(int(batch.lowest[row]), shape.tick)
        high = min(int(batch.highest[row]) or shape.highest, shape.highest)
        low, high = -(-low // shape.tick) * shape.tick, high // shape.tick * shape.tick

        def allows(price: Decimal, low: int = low, high: int = high, row: int = row) -> bool:
            return low <= cents(price) <= high and keeps(structure_of(batch, row), price, Decimal(0))

        if found.target[row] == NONE:
            assert found.price[row] == NONE
            continue
        wanted = charm(market, money(found.target[row]), allows)
        price = min(max(cents(wanted), low), high)
        if low > high or not keeps(structure, money(price), Decimal(0)):
            assert found.price[row] == NONE
            assert found.reasons[row] & Why.BELOW_FLOOR
            continue
        assert found.price[row] == price
        left = evaluate(structure, money(price))
        assert money(found.contribution[row]) == left.contribution
        assert left.margin is not None
        assert abs(Decimal(int(found.margin[row])).scaleb(-6) - left.margin) <= Decimal("0.0000005")
        assert bool(found.reasons[row] & Why.ENDING) == (wanted != money(found.target[row]))
        assert bool(found.reasons[row] & Why.RAISES) == (0 < batch.current[row] < price)


def test_the_same_rows_get_the_same_prices_in_any_order() -> None:
    """Order, neighbours and the cut into chunks play no part."""
    batch = make_batch(SHAPES["US"], 40_000, 13)
    order = np.random.default_rng(1).permutation(len(batch))
    columns = {
        name: getattr(batch, name)[order]
        for name in ("minimum", "surcharge", "costs", "ads", "target", "lowest", "highest", "current")
    }
    shuffled = replace(
        batch,
        rates=tuple(column[order] for column in batch.rates),
        amounts=tuple(column[order] for column in batch.amounts),
        **columns,
    )
    one, other = price_many(batch, ENDINGS["US"]), price_many(shuffled, ENDINGS["US"])
    for name in Priced.__slots__:
        assert np.array_equal(getattr(one, name)[order], getattr(other, name))


def test_every_reason_is_met() -> None:
    """The random rows of these tests reach every reason, so that none goes untested."""
    met = 0
    for market in ("US", "JP", "MX"):
        found = price_many(make_batch(SHAPES[market], 2_000, 14, odd=True), ENDINGS[market])
        met |= int(np.bitwise_or.reduce(found.reasons))
    assert Why(met) == Why(sum(Why))


def test_tenfold_money_has_tenfold_prices() -> None:
    """Ten times all amounts, bounds, tick and billing unit: ten times floor and target."""
    batch = make_batch(SHAPES["US"], 300, 15)
    shape = replace(
        batch.shape,
        tick=10,
        billing_unit=10,
        highest=batch.shape.highest * 10,
        rate_bounds=tuple(bound * 10 for bound in batch.shape.rate_bounds),
        # An open bound stands for the tick below it, so it grows to ten times that tick and something.
        bands=tuple((bound * 10, inclusive) for bound, inclusive in batch.shape.bands),
    )
    # Advertising is rounded to cents whatever the billing unit, so it is left out.
    calm = replace(batch, ads=np.zeros_like(batch.ads))
    tenfold = replace(
        calm,
        shape=shape,
        amounts=tuple(column * 10 for column in calm.amounts),
        minimum=calm.minimum * 10,
        costs=calm.costs * 10,
    )
    one, ten = price_many(calm), price_many(tenfold)
    for name in ("floor", "target"):
        before, after = getattr(one, name), getattr(ten, name)
        assert np.array_equal(np.where(before == NONE, NONE, before * 10), after)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("costs", MOST_CENTS + 1, "costs must be between"),
        ("minimum", -1, "minimum must be between 0"),
        ("ads", 1_000_001, "ads must be between 0 and 1000000"),
        ("target", -1_000_001, "target must be between -1000000"),
    ],
)
def test_what_could_overflow_is_refused(column: str, value: int, message: str) -> None:
    """One value out of range in one row refuses the batch, naming the column."""
    batch = make_batch(SHAPES["US"], 10, 16)
    spoilt = getattr(batch, column).copy()
    spoilt[7] = value
    with pytest.raises(ValueError, match=message):
        price_many(replace(batch, **{column: spoilt}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tick": 0}, "must be above 0"),
        ({"highest": MOST_CENTS + 1}, "highest price must be between"),
        ({"rate_bounds": (2_000, 1_500, 1_000)}, "bounds must ascend"),
        ({"rate_bounds": (1_000,)}, "one rate per tier"),
    ],
)
def test_a_shape_that_makes_no_sense_is_refused(change: dict[str, object], message: str) -> None:
    """Before anything is computed."""
    batch = make_batch(SHAPES["US"], 10, 17)
    with pytest.raises(ValueError, match=message):
        price_many(replace(batch, shape=replace(batch.shape, **change)))  # type: ignore[arg-type]


def test_columns_of_another_type_or_length_are_refused() -> None:
    """Floats and 32-bit integers could lose digits; a column that is too short belongs to other rows."""
    batch = make_batch(SHAPES["US"], 10, 18)
    for wrong in (batch.ads.astype(np.int32), batch.ads[:9]):
        with pytest.raises(ValueError, match="ads must be int64"):
            price_many(replace(batch, ads=wrong))  # type: ignore[arg-type]


def test_an_empty_batch_is_no_trouble() -> None:
    """Nothing in, nothing out."""
    empty: Batch = make_batch(SHAPES["JP"], 0, 19)
    assert len(price_many(empty, ENDINGS["JP"]).price) == 0
