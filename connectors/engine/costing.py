"""What a unit that was sold cost, by the lots it came from: first in first out, or a moving average.

Costs are kept per line and currency, so nothing is converted here. Lots of a day arrive before its sales.
Units that come back sellable reduce what a day consumed; where more came back than was sold, they go back in
at the cost of the last units that went out. What is sold beyond all lots goes on at the last known cost and
is counted as a shortage: a lot is missing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

ZERO = Decimal(0)

UnitCost = Mapping[tuple[str, str], Decimal]


class CostMethod(StrEnum):
    """How the cost of a unit is found: its day's sheet, the oldest lot, or the mean of what lies there."""

    BY_PERIOD = "by_period"
    FIFO = "fifo"
    WEIGHTED_AVERAGE = "weighted_average"


@dataclass(frozen=True, slots=True)
class Lot:
    """Units bought together: what one of them costs by (cost line, currency)."""

    received_on: date
    quantity: int
    unit_cost: UnitCost


@dataclass(frozen=True, slots=True)
class Consumption:
    """Net units that left on a day: sold less returned sellable (may be negative)."""

    day: date
    units: int


@dataclass(frozen=True, slots=True)
class DayCost:
    """What a unit cost on a day on which something left; `short` units had no lot to come from."""

    day: date
    units: int
    unit_cost: UnitCost
    short: int


def cost_days(method: CostMethod, lots: Iterable[Lot], consumption: Iterable[Consumption]) -> list[DayCost]:
    """Return the unit cost of every day with consumption, ascending, by one of the two lot methods.

    A day's unit cost is the value of the units that left over their number, so units × cost is exactly the
    value taken out of the lots. Days before the first lot have no cost and are left out.
    """
    store: _Stock = _Fifo() if method is CostMethod.FIFO else _Average()
    waiting = deque(sorted(lots, key=lambda lot: lot.received_on))
    found = []
    for taken in sorted(consumption, key=lambda item: item.day):
        while waiting and waiting[0].received_on <= taken.day:
            store.receive(waiting.popleft())
        cost = store.take(taken.units)
        if cost is not None:
            found.append(DayCost(taken.day, taken.units, *cost))
    return found


def changes(days: Sequence[DayCost]) -> list[tuple[date, UnitCost]]:
    """Return the days on which the unit cost is another than before, the first day included."""
    found: list[tuple[date, UnitCost]] = []
    for item in days:
        if not found or found[-1][1] != item.unit_cost:
            found.append((item.day, item.unit_cost))
    return found


class _Stock(Protocol):
    """What lies there and what it cost."""

    def receive(self, lot: Lot) -> None:
        """Put a lot to the rest."""
        ...

    def take(self, units: int) -> tuple[UnitCost, int] | None:
        """The cost of one of the units taken and how many were short; None before the first lot."""
        ...


class _Fifo:
    """The oldest units go first."""

    def __init__(self) -> None:
        self._layers: deque[tuple[int, UnitCost]] = deque()
        self._last: UnitCost | None = None

    def receive(self, lot: Lot) -> None:
        if self._last is None:
            self._last = lot.unit_cost
        self._layers.append((lot.quantity, lot.unit_cost))

    def take(self, units: int) -> tuple[UnitCost, int] | None:
        if self._last is None:
            return None
        if units <= 0:
            if units < 0:
                self._layers.appendleft((-units, self._last))
            return self._last, 0
        parts: list[tuple[int, UnitCost]] = []
        left = units
        while left and self._layers:
            quantity, cost = self._layers.popleft()
            used = min(left, quantity)
            parts.append((used, cost))
            self._last = cost
            left -= used
            if quantity > used:
                self._layers.appendleft((quantity - used, cost))
        if left:
            parts.append((left, self._last))
        return _mean(parts), left


class _Average:
    """All units of a SKU are worth the same; every receipt makes a new mean."""

    def __init__(self) -> None:
        self._units = 0
        self._cost: UnitCost | None = None

    def receive(self, lot: Lot) -> None:
        if self._cost is None or self._units <= 0:
            self._cost = lot.unit_cost
        else:
            self._cost = _mean([(self._units, self._cost), (lot.quantity, lot.unit_cost)])
        self._units = max(self._units, 0) + lot.quantity

    def take(self, units: int) -> tuple[UnitCost, int] | None:
        if self._cost is None:
            return None
        short = max(0, units - max(self._units, 0)) if units > 0 else 0
        self._units = max(0, self._units - units)
        return self._cost, short


def _mean(parts: Sequence[tuple[int, UnitCost]]) -> UnitCost:
    """The mean weighted by units; a line that a part does not have costs nothing there."""
    first = parts[0][1]
    if all(cost == first for _, cost in parts):
        return first
    units = sum(quantity for quantity, _ in parts)
    keys = sorted({key for _, cost in parts for key in cost})
    return {
        key: sum((quantity * cost.get(key, ZERO) for quantity, cost in parts), ZERO) / units for key in keys
    }
