"""FIFO and moving average: textbook figures, and what always holds."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connectors.engine.costing import Consumption, CostMethod, Lot, changes, cost_days

KEY = ("purchase", "CNY")
START = date(2026, 1, 1)


def lot(day: int, quantity: int, cost: str) -> Lot:
    """A lot of one line."""
    return Lot(START + timedelta(days=day), quantity, {KEY: Decimal(cost)})


def sold(day: int, units: int) -> Consumption:
    """Units that left."""
    return Consumption(START + timedelta(days=day), units)


def costs(method: CostMethod, lots: list[Lot], taken: list[Consumption]) -> list[tuple[int, Decimal, int]]:
    """Day number, unit cost and shortage."""
    return [((d.day - START).days, d.unit_cost[KEY], d.short) for d in cost_days(method, lots, taken)]


def test_fifo_as_in_the_textbook() -> None:
    """200 at 10, 300 at 12: selling 250 takes 200 at 10 and 50 at 12 (2,600), then 250 at 12."""
    found = costs(CostMethod.FIFO, [lot(0, 200, "10"), lot(1, 300, "12")], [sold(2, 250), sold(3, 250)])
    assert found == [(2, Decimal("10.4"), 0), (3, Decimal(12), 0)]


def test_the_moving_average_as_in_the_textbook() -> None:
    """100 at 10 and 100 at 12 are 11; 50 leave; 150 at 13 make (150·11 + 150·13)/300 = 12."""
    lots = [lot(0, 100, "10"), lot(1, 100, "12"), lot(3, 150, "13")]
    found = costs(CostMethod.WEIGHTED_AVERAGE, lots, [sold(2, 50), sold(4, 10)])
    assert found == [(2, Decimal(11), 0), (4, Decimal(12), 0)]


def test_a_shortage_goes_on_at_the_last_cost_and_is_counted() -> None:
    """Ten more sold than bought: no zero cost, and ten units named."""
    for method in (CostMethod.FIFO, CostMethod.WEIGHTED_AVERAGE):
        found = costs(method, [lot(0, 5, "10")], [sold(1, 15), sold(2, 1)])
        assert found == [(1, Decimal(10), 10), (2, Decimal(10), 1)]


def test_returns_go_back_in_at_the_cost_they_left_with() -> None:
    """Two of five come back and leave again at their old cost before the new lot."""
    found = costs(CostMethod.FIFO, [lot(0, 5, "10"), lot(2, 9, "20")], [sold(1, 5), sold(2, -2), sold(3, 4)])
    assert found == [(1, Decimal(10), 0), (2, Decimal(10), 0), (3, Decimal(15), 0)]


def test_before_the_first_lot_there_is_no_cost() -> None:
    """An unknown cost is not zero."""
    assert costs(CostMethod.FIFO, [lot(5, 5, "10")], [sold(1, 2), sold(6, 1)]) == [(6, Decimal(10), 0)]


def test_lines_and_currencies_stay_apart() -> None:
    """A line that only one lot has is spread over the units that left."""
    first = Lot(START, 1, {("purchase", "CNY"): Decimal(10), ("duty", "USD"): Decimal(2)})
    second = Lot(START, 3, {("purchase", "CNY"): Decimal(14)})
    found = cost_days(CostMethod.FIFO, [first, second], [sold(1, 4)])[0].unit_cost
    assert found == {("purchase", "CNY"): Decimal(13), ("duty", "USD"): Decimal("0.5")}


def test_only_days_with_another_cost_are_changes() -> None:
    """A derived sheet is written where the cost moved and nowhere else."""
    days = cost_days(CostMethod.FIFO, [lot(0, 10, "1"), lot(1, 10, "2")], [sold(n, 4) for n in range(2, 7)])
    assert [(day - START).days for day, _ in changes(days)] == [2, 4, 5]


_LOTS = st.lists(
    st.builds(lot, st.integers(0, 9), st.integers(1, 50), st.integers(1, 99).map(str)), min_size=1, max_size=6
)
_SALES = st.lists(st.integers(0, 20), min_size=1, max_size=12)


@given(_LOTS, _SALES)
def test_fifo_takes_exactly_the_value_of_the_oldest_units(lots: list[Lot], sales: list[int]) -> None:
    """Units one by one, in the order of the lots, are the oracle."""
    taken = [sold(10 + n, units) for n, units in enumerate(sales)]
    ordered = sorted(lots, key=lambda item: item.received_on)
    queue = [item.unit_cost[KEY] for item in ordered for _ in range(item.quantity)]
    total = sum(sales)
    queue += [queue[-1]] * max(0, total - len(queue))
    expected = sum(queue[:total], Decimal(0))
    found = cost_days(CostMethod.FIFO, lots, taken)
    value = sum((d.units * d.unit_cost[KEY] for d in found), Decimal(0))
    assert abs(value - expected) < Decimal("1e-15") * max(1, total)
    assert sum(d.short for d in found) == max(0, total - sum(item.quantity for item in lots))


@given(_LOTS, _SALES)
def test_the_average_lies_between_the_dearest_and_the_cheapest_lot(lots: list[Lot], sales: list[int]) -> None:
    """No cost is invented."""
    found = cost_days(
        CostMethod.WEIGHTED_AVERAGE, lots, [sold(10 + n, units) for n, units in enumerate(sales)]
    )
    prices = [item.unit_cost[KEY] for item in lots]
    slack = Decimal("1e-20")
    assert all(min(prices) - slack <= d.unit_cost[KEY] <= max(prices) + slack for d in found)
