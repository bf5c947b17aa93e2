"""The kinds of KPI there are. A definition is one value; a kind says how summed measures become a number.

Adding a KPI is one definition in `kpis/catalog/<family>.py`, its line in `CATALOG` and its oracle in
`tests/kpis/oracle/<key>.sql`. Adding a kind is a subclass here with `compute` and `measures`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from kpis.engine.histogram import Histogram, quantile
from kpis.engine.linear import Linear
from kpis.engine.totals import MissingInput, Window
from kpis.types import Basis, Direction, Position, Reason, Unit

LANGUAGES = ("zh-hans", "en", "ja", "es")


@dataclass(frozen=True, slots=True)
class Names:
    """A KPI's name in the four languages of the glossary."""

    zh: str
    en: str
    ja: str
    es: str

    def in_language(self, code: str) -> str:
        """The name for a language code such as "zh-hans" or "es-mx"; English where we have no other."""
        return {"zh": self.zh, "ja": self.ja, "es": self.es}.get(code.split("-")[0].lower(), self.en)


@dataclass(frozen=True, slots=True)
class MinSample:
    """Below `least` of `of`, a number is shown but not judged (domain rule 3)."""

    of: Linear
    least: int


@dataclass(frozen=True, slots=True)
class CostNeed:
    """Three measures of units that need a cost: all, those whose cost is known, and those whose sheet could
    not be converted because an exchange rate was missing (the rest has no sheet)."""

    units: str
    with_cost: str
    without_rate: str

    @property
    def measures(self) -> frozenset[str]:
        """The keys of all three."""
        return frozenset({self.units, self.with_cost, self.without_rate})


@dataclass(frozen=True, slots=True)
class Computed:
    """A number before rounding, with the parts it was made of and secondary figures (for `explain`)."""

    value: Decimal
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    also: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KPI:
    """What every KPI says of itself.

    `settles_after_days`: so many days after a period's end the platforms may still restate it; until then it
    is not final. `needs` are the streams it is judged by: each entry is a group of alternatives of which one
    must have delivered. `reason_when_zero` explains a missing denominator. A `hard_gate` that is bad makes
    the whole scorecard bad. `needs_costs`: no value while less than 95 % of these units have a cost, because
    an unknown cost must never count as none.
    """

    kind: ClassVar[str] = ""

    key: str
    family: str
    names: Names
    formula: str
    unit: Unit
    direction: Direction
    basis: Basis
    settles_after_days: int
    needs: tuple[tuple[str, ...], ...]
    source: str
    min_sample: MinSample | None = None
    needs_costs: tuple[CostNeed, ...] = ()
    hard_gate: bool = False
    is_flow: bool = False
    position: Position = Position.ACCOUNT_MANAGER
    stages: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    window: str = "W/M"

    @property
    def measures(self) -> frozenset[str]:
        """The measures the formula reads (the minimum sample and the costs' completeness not counted)."""
        raise NotImplementedError

    @property
    def inputs(self) -> frozenset[str]:
        """Every measure that is needed to show the number."""
        sample = self.min_sample.of.measures if self.min_sample else frozenset()
        return self.measures.union(sample, *(need.measures for need in self.needs_costs))

    def compute(self, window: Window, previous: Window | None) -> Computed:
        """The number over a window; raises `MissingInput` with the reason when there is none."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple(KPI):
    """A sum of measures: money or a count. It grows with the period, so months compare per day."""

    kind: ClassVar[str] = "simple"
    total: Linear
    is_flow: bool = True

    @property
    def measures(self) -> frozenset[str]:
        return self.total.measures

    def compute(self, window: Window, previous: Window | None) -> Computed:
        return Computed(self.total.evaluate(window))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio(KPI):
    """Σ numerator / Σ denominator, never a mean of ratios (domain rule 2).

    `is_proportion`: the numerator counts some of what the denominator counts, so a 95 % Wilson interval
    stands beside the number.
    """

    kind: ClassVar[str] = "ratio"
    numerator: Linear
    denominator: Linear
    reason_when_zero: Reason
    is_proportion: bool = False

    @property
    def measures(self) -> frozenset[str]:
        return self.numerator.measures | self.denominator.measures

    def compute(self, window: Window, previous: Window | None) -> Computed:
        numerator, denominator = self.numerator.evaluate(window), self.denominator.evaluate(window)
        if denominator == 0:
            raise MissingInput(self.reason_when_zero)
        also = wilson_interval(numerator, denominator) if self.is_proportion else ()
        return Computed(numerator / denominator, numerator, denominator, also)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot(Ratio):
    """A ratio of the last snapshot in the period: stocks add up over stores, not over days."""

    kind: ClassVar[str] = "snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover(KPI):
    """Days a level lasts: mean level × days / flow; days without a snapshot do not thin the mean."""

    kind: ClassVar[str] = "turnover"
    level: Linear
    flow: Linear
    reason_when_zero: Reason

    @property
    def measures(self) -> frozenset[str]:
        return self.level.measures | self.flow.measures

    def compute(self, window: Window, previous: Window | None) -> Computed:
        level_days = self.level.evaluate(window) * window.days
        flow = self.flow.evaluate(window)
        if flow <= 0:
            raise MissingInput(self.reason_when_zero)
        return Computed(level_days / flow, level_days, flow)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeometricMean(KPI):
    """exp(Σ ln x / n): the mean of quotients, symmetric between "twice as dear" and "half as dear"."""

    kind: ClassVar[str] = "geometric_mean"
    log_sum: Linear
    count: Linear
    reason_when_zero: Reason

    @property
    def measures(self) -> frozenset[str]:
        return self.log_sum.measures | self.count.measures

    def compute(self, window: Window, previous: Window | None) -> Computed:
        log_sum, count = self.log_sum.evaluate(window), self.count.evaluate(window)
        if count == 0:
            raise MissingInput(self.reason_when_zero)
        return Computed((log_sum / count).exp(), log_sum, count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst(KPI):
    """The platform's own figure, last report in the period, of the worst store (limits hold per account)."""

    kind: ClassVar[str] = "worst"
    figure: str

    @property
    def measures(self) -> frozenset[str]:
        return frozenset({self.figure})

    def compute(self, window: Window, previous: Window | None) -> Computed:
        return Computed(window.total(self.figure))


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(KPI):
    """last level / last level of the period before − 1, of the store that moved furthest either way."""

    kind: ClassVar[str] = "move"
    level: str

    @property
    def measures(self) -> frozenset[str]:
        return frozenset({self.level})

    def compute(self, window: Window, previous: Window | None) -> Computed:
        if window.is_domestic:
            raise MissingInput(Reason.SAME_CURRENCY)
        if not any(window.of_store(store_id, self.level) for store_id in window.stores):
            raise MissingInput(Reason.NO_DATA)
        moves = []
        for store_id in window.stores:
            now = window.of_store(store_id, self.level)
            before = previous.of_store(store_id, self.level) if previous else None
            if now is not None and before:
                moves.append(Computed(now / before - 1, now, before))
        if not moves:
            raise MissingInput(Reason.NO_REFERENCE)
        return max(moves, key=lambda move: abs(move.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth(KPI):
    """(a day's mean of the period / a day's mean of the period before) − 1, so months of different lengths
    and a period that is not over compare fairly. `days` is the least and the most days of the period before:
    a week's growth is not asked of months."""

    kind: ClassVar[str] = "growth"
    total: Linear
    days: tuple[int, int]

    @property
    def measures(self) -> frozenset[str]:
        return self.total.measures

    def compute(self, window: Window, previous: Window | None) -> Computed:
        if previous is None:
            raise MissingInput(Reason.NO_REFERENCE)
        if not self.days[0] <= previous.days <= self.days[1]:
            raise MissingInput(Reason.OTHER_PERIOD)
        now = self.total.evaluate(window) / window.days
        before = self.total.evaluate(previous) / previous.days
        if before <= 0:
            raise MissingInput(Reason.BASE_NOT_POSITIVE if previous.stores else Reason.NO_REFERENCE)
        return Computed(now / before - 1, now - before, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile(KPI):
    """A quantile (the median) of durations, from histograms that add up over days and stores: never a mean of
    medians. Interpolated inside its bucket; the 90th percentile and n stand beside it."""

    kind: ClassVar[str] = "quantile"
    histogram: Histogram
    reason_when_zero: Reason
    q: Decimal = Decimal("0.5")

    @property
    def measures(self) -> frozenset[str]:
        return self.histogram.measures

    def compute(self, window: Window, previous: Window | None) -> Computed:
        n = window.total(self.histogram.count)
        if n <= 0:
            raise MissingInput(self.reason_when_zero)
        counts = [window.total(key) for key in self.histogram.buckets]
        p90 = quantile(self.histogram.edges, counts, Decimal("0.9"))
        value = quantile(self.histogram.edges, counts, self.q)
        return Computed(value, also=(("p90", p90), ("n", n)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime(KPI):
    """What a customer of the cohort has brought so far: the cohort's sales / customers × the share of sales
    that stays. `acquisition` (spend, customers won by it) divides it by what a customer costs."""

    kind: ClassVar[str] = "lifetime"
    sales: Linear
    customers: Linear
    profit: Linear
    revenue: Linear
    acquisition: tuple[Linear, Linear] | None = None

    @property
    def measures(self) -> frozenset[str]:
        parts = (self.sales, self.customers, self.profit, self.revenue, *(self.acquisition or ()))
        return frozenset[str]().union(*(part.measures for part in parts))

    def compute(self, window: Window, previous: Window | None) -> Computed:
        customers, revenue = self.customers.evaluate(window), self.revenue.evaluate(window)
        if customers <= 0:
            raise MissingInput(Reason.NO_BUYERS)
        if revenue <= 0:
            raise MissingInput(Reason.NO_SALES)
        share = self.profit.evaluate(window) / revenue
        brought = self.sales.evaluate(window) * share
        also = (("margin", share), ("n", customers))
        if self.acquisition is None:
            return Computed(brought / customers, brought, customers, also)
        spend, won = (part.evaluate(window) for part in self.acquisition)
        if spend <= 0:
            raise MissingInput(Reason.NO_ACQUISITION_SPEND)
        if won <= 0:
            raise MissingInput(Reason.NO_BUYERS)
        value, cost = brought / customers, spend / won
        return Computed(value / cost, value, cost, also)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven(Ratio):
    """The margin before advertising, as the ACoS at which a sale earns nothing; beside it the break-even ROAS
    (1 / it) and the dearest click that still breaks even: sales per click × it."""

    kind: ClassVar[str] = "break_even"
    ad_sales: Linear
    clicks: Linear

    @property
    def measures(self) -> frozenset[str]:
        inherited = self.numerator.measures | self.denominator.measures
        return inherited | self.ad_sales.measures | self.clicks.measures

    def compute(self, window: Window, previous: Window | None) -> Computed:
        numerator, denominator = self.numerator.evaluate(window), self.denominator.evaluate(window)
        if denominator == 0:
            raise MissingInput(self.reason_when_zero)
        value, clicks = numerator / denominator, self.clicks.evaluate(window)
        also = [("break_even_roas", 1 / value)] if value > 0 else []
        if value > 0 and clicks > 0:
            also.append(("max_cpc", self.ad_sales.evaluate(window) / clicks * value))
        return Computed(value, numerator, denominator, tuple(also))


# The 97.5th percentile of the normal distribution.
_Z = Decimal("1.959963984540054")


def wilson_interval(successes: Decimal, n: Decimal) -> tuple[tuple[str, Decimal], ...]:
    """The 95 % Wilson score interval of a proportion (Wilson 1927), as `low` and `high` with `n`.

    Nothing where the counts are no proportion (a correction made them negative or more than n).
    """
    if not 0 <= successes <= n or n <= 0:
        return ()
    share, z2 = successes / n, _Z * _Z
    centre = share + z2 / (2 * n)
    spread = _Z * (share * (1 - share) / n + z2 / (4 * n * n)).sqrt()
    low, high = ((centre + sign * spread) / (1 + z2 / n) for sign in (-1, 1))
    return (("low", max(low, Decimal(0))), ("high", min(high, Decimal(1))), ("n", n))


Catalogue = dict[str, KPI]
