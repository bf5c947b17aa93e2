"""Kinds of KPI that one or two KPIs need: levels, net scores, sums of KPIs, deviations, elasticities."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from kpis.engine.definitions import KPI, Computed, Snapshot
from kpis.engine.elasticity import pooled
from kpis.engine.linear import Linear
from kpis.engine.totals import MissingInput, Window
from kpis.types import Reason

# The 97.5th percentile of the normal distribution.
_Z = Decimal("1.959963984540054")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(KPI):
    """The last snapshot in the period; stores add up, or the highest or lowest counts: its measure says."""

    kind: ClassVar[str] = "level"
    figure: str

    @property
    def measures(self) -> frozenset[str]:
        return frozenset({self.figure})

    def compute(self, window: Window, previous: Window | None) -> Computed:
        return Computed(window.total(self.figure))


@dataclass(frozen=True, slots=True, kw_only=True)
class NetScore(KPI):
    """(those for − those against) / answers × 100, from −100 to 100, with n and a 95 % interval.

    The interval is the normal approximation for a mean of +1, 0 and −1 answers, cut at the ends of the scale.
    """

    kind: ClassVar[str] = "net_score"
    promoters: str
    detractors: str
    answers: str
    reason_when_zero: Reason

    @property
    def measures(self) -> frozenset[str]:
        return frozenset({self.promoters, self.detractors, self.answers})

    def compute(self, window: Window, previous: Window | None) -> Computed:
        n = window.total(self.answers)
        if n <= 0:
            raise MissingInput(self.reason_when_zero)
        up, down = window.total(self.promoters), window.total(self.detractors)
        net = up - down
        mean = net / n
        reach = _Z * (max((up + down) / n - mean * mean, Decimal(0)) / n).sqrt()
        also = (
            ("low", max(mean - reach, Decimal(-1)) * _HUNDRED),
            ("high", min(mean + reach, Decimal(1)) * _HUNDRED),
            ("n", n),
        )
        return Computed(_HUNDRED * net / n, net, n, also)


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination(KPI):
    """A sum of other KPIs with signs; without a value of one of them there is none of the sum."""

    kind: ClassVar[str] = "combination"
    parts: tuple[tuple[int, KPI], ...]

    @property
    def measures(self) -> frozenset[str]:
        return frozenset[str]().union(*(part.measures for _, part in self.parts))

    def compute(self, window: Window, previous: Window | None) -> Computed:
        found = [(sign, part.key, part.compute(window, previous).value) for sign, part in self.parts]
        return Computed(
            sum((sign * value for sign, _, value in found), Decimal(0)),
            also=tuple((key, value) for _, key, value in found),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation(Snapshot):
    """Σ |difference| / Σ reference at the last snapshot, so that differences of opposite sign do not hide
    each other; beside it the net deviation and the share of subjects beyond the band."""

    kind: ClassVar[str] = "deviation"
    net: str
    subjects: str
    beyond: str

    @property
    def measures(self) -> frozenset[str]:
        return self.numerator.measures | self.denominator.measures | {self.net, self.subjects, self.beyond}

    def compute(self, window: Window, previous: Window | None) -> Computed:
        off, reference = self.numerator.evaluate(window), self.denominator.evaluate(window)
        n = window.total(self.subjects)
        if reference == 0 or n == 0:
            raise MissingInput(self.reason_when_zero)
        also = (
            ("net", window.total(self.net) / reference),
            ("share_beyond_band", window.total(self.beyond) / n),
            ("n", n),
        )
        return Computed(off / reference, off, reference, also)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope(KPI):
    """The elasticity pooled within SKUs (kpis.engine.elasticity), with its 95 % interval and n."""

    kind: ClassVar[str] = "slope"
    sxx: Linear
    sxy: Linear
    syy: Linear
    points: Linear
    groups: Linear
    scale: Decimal
    reason_when_zero: Reason

    @property
    def measures(self) -> frozenset[str]:
        parts = (self.sxx, self.sxy, self.syy, self.points, self.groups)
        return frozenset[str]().union(*(part.measures for part in parts))

    def compute(self, window: Window, previous: Window | None) -> Computed:
        sxx, sxy, syy = (part.evaluate(window) / self.scale for part in (self.sxx, self.sxy, self.syy))
        points, groups = (int(part.evaluate(window)) for part in (self.points, self.groups))
        found = pooled(sxx=sxx, sxy=sxy, syy=syy, points=points, groups=groups)
        if found is None:
            raise MissingInput(self.reason_when_zero)
        interval = (("low", found.low), ("high", found.high))
        also = tuple((name, value) for name, value in interval if value is not None)
        return Computed(found.slope, sxy, sxx, (*also, ("n", Decimal(found.n))))
