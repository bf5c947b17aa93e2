"""What a measure is: a number that may be summed, with the facts it is summed from and the SQL that does it.

A measure has one basis, one unit and one way to add up over days and over stores. KPIs are formulas over
measures (definitions.py); nothing else may be aggregated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from connectors.types import Family
from kpis.types import Basis, Unit


class OverDays(StrEnum):
    """How daily values become a period's: added, the last snapshot, or the mean of the days that have one."""

    SUM = "sum"
    LAST = "last"
    MEAN = "mean"


class OverStores(StrEnum):
    """How stores combine: added, the highest (`WORST`) or the lowest, where an average would hide the account
    in danger."""

    SUM = "sum"
    WORST = "worst"
    LOWEST = "lowest"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSource:
    """One fact table as the roll-up reads it: one generated statement each.

    `rows` is a SELECT over the table and the relation `day(store_id, business_on, market, currency)`, which
    holds the (store, day) pairs to be computed; it must yield store_id, business_on and currency (and `sku`
    when `uses_costs`), and must also narrow the table by `%(store_set)s` and `%(day_set)s`, so that an index
    finds the days whatever the planner believes about `day`. Expressions of measures see its columns plus
    `rate` (row → store currency on the day) and, when `uses_costs`, `unit_landed` and `unit_other` in
    the store's currency or null, and `lacks_rate`: null although there is a sheet, for want of a rate.
    `families` are the facts whose change makes it out of date; every (store, day) claimed for one of them is
    computed anew.

    `trailing_days` above zero: each of its days looks back over that many days (itself included), so it is
    computed for reference days only: the last days of weeks and months, and the latest day with data. Its
    rows must yield at least one row for every `day`, and its measures a value (0 for nothing) each time:
    what is missing counts as not computed yet. They are `OverDays.LAST`. `dated_by` names the column whose
    day picks exchange rate and cost sheet of a row, where that is not the reference day. `cost_channel` is
    the SQL (over the row `r`) of the sales channel whose cost sheet is meant: the platform's warehouse unless
    told.

    `also_days` is a SELECT of (store_id, business_on), narrowed by `%(store_set)s`: days to compute whenever
    any of its facts changed, because these facts make dirty the day they were stored and not the day they
    count on.

    `parts` (name, SQL aggregate) are summed per `parts_by` (columns of the rows) before the measures, which
    then see these columns only: for questions like "how many SKUs made a loss".
    """

    key: str
    table: str
    families: frozenset[Family]
    rows: str
    uses_costs: bool = False
    trailing_days: int = 0
    dated_by: str = "business_on"
    cost_channel: str = "'platform'"
    also_days: str = ""
    parts_by: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A summable number; `expression` is an SQL aggregate over the rows of `source` (null: no row).

    `counts_missing_rates`: above zero it means that rates were missing, and the day is to be computed anew
    when they come.
    """

    key: str
    source: str
    unit: Unit
    basis: Basis
    expression: str
    meaning: str
    over_days: OverDays = OverDays.SUM
    over_stores: OverStores = OverStores.SUM
    counts_missing_rates: bool = False


Measures = Mapping[str, Measure]
Sources = Mapping[str, FactSource]
