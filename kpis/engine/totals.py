"""The sums a formula is fed with: per store, for one window of days, in one currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from kpis.engine.measures import Measure, Measures, OverDays, OverStores
from kpis.types import Reason, Unit

ZERO = Decimal(0)


class MissingInput(Exception):
    """A formula cannot be computed; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Total:
    """One measure of one store over a window.

    `value` is in the store's currency, `reporting` the same in the client's reporting currency (money only);
    either is None when a rate was missing on one of the days. `days` counts the days that had a row. For
    LAST measures both are the last snapshot's, for MEAN the sum (divided by `days` when read).
    """

    value: Decimal | None
    reporting: Decimal | None
    days: int


@dataclass(frozen=True, slots=True)
class StoreTotals:
    """All measures of one store over a window, and the first and last date of the exchange rates used."""

    totals: Mapping[str, Total]
    first_rate_on: date | None = None
    last_rate_on: date | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The stores' totals over a window of which `days` days have passed; money native or `in_reporting`.

    `is_domestic`: every store's currency is the client's reporting currency, so no rate plays a part.
    """

    measures: Measures
    stores: Mapping[int, StoreTotals]
    days: int
    in_reporting: bool
    is_domestic: bool = False
    _cache: dict[str, Decimal] = field(default_factory=dict, compare=False, repr=False)

    def total(self, key: str) -> Decimal:
        """The measure over all stores; a sum without rows is 0, a snapshot without rows is MissingInput."""
        if key not in self._cache:
            self._cache[key] = self._combine(key)
        return self._cache[key]

    def of_store(self, store_id: int, key: str) -> Decimal | None:
        """The measure of one store, None when it has no row; MissingInput when a rate was missing."""
        found = self.stores[store_id].totals.get(key) if store_id in self.stores else None
        return None if found is None else self._read(self.measures[key], found)

    def only(self, store_id: int) -> Window:
        """The same window narrowed to one store."""
        kept = {store_id: self.stores[store_id]} if store_id in self.stores else {}
        return Window(self.measures, kept, self.days, self.in_reporting, self.is_domestic)

    def _combine(self, key: str) -> Decimal:
        measure = self.measures[key]
        found = [value for value in self._per_store(key) if value is not None]
        if measure.over_stores is OverStores.WORST:
            if not found:
                raise MissingInput(Reason.NO_DATA)
            return max(found)
        if measure.over_stores is OverStores.LOWEST:
            if not found:
                raise MissingInput(Reason.NO_DATA)
            return min(found)
        if not found and measure.over_days is not OverDays.SUM:
            raise MissingInput(Reason.NO_SNAPSHOT)
        return sum(found, ZERO)

    def _per_store(self, key: str) -> Iterable[Decimal | None]:
        return (self.of_store(store_id, key) for store_id in self.stores)

    def _read(self, measure: Measure, total: Total) -> Decimal:
        value = total.reporting if self.in_reporting and measure.unit is Unit.MONEY else total.value
        if value is None:
            raise MissingInput(Reason.FX_MISSING)
        return value / total.days if measure.over_days is OverDays.MEAN and total.days else value
