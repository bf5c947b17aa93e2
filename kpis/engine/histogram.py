"""Distributions that add up: counts per bucket as measures, and quantiles read from the summed counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpis.engine.measures import Measure, OverDays
from kpis.types import Basis, Unit

# Upper bounds of all buckets but the last, which is open; every bucket starts where the one before ends.
HOURS = tuple(Decimal(n) for n in (1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 30, 36, 48, 60, 72, 96, 120, 168, 336))
DAYS = tuple(
    Decimal(n)
    for n in (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 21, 25, 30, 35, 40, 45, 50, 55, 60, 75, 90, 120, 180)
)


@dataclass(frozen=True, slots=True)
class Histogram:
    """The measures of one distribution: `edges` ascend from above 0 and bound all buckets but the last."""

    key: str
    edges: tuple[Decimal, ...]

    @property
    def buckets(self) -> tuple[str, ...]:
        """The keys of the counts per bucket, one more than there are edges."""
        return tuple(f"{self.key}__b{n:02d}" for n in range(len(self.edges) + 1))

    @property
    def count(self) -> str:
        """The key of the count of all."""
        return f"{self.key}__n"

    @property
    def measures(self) -> frozenset[str]:
        """Every key."""
        return frozenset({*self.buckets, self.count})


def histogram(
    key: str,
    source: str,
    value_sql: str,
    edges: Sequence[Decimal],
    *,
    basis: Basis,
    meaning: str,
    over_days: OverDays = OverDays.SUM,
    where: str = "true",
) -> tuple[Measure, ...]:
    """One additive measure per bucket of `value_sql` (of one row, null: does not count) plus the count.

    A bucket holds lower ≤ value < upper; the first also what lies below 0, the last is open. Sums over days
    leave empty buckets out; the last snapshot writes them as 0, because an absent count would be the former
    day's. `where` narrows the rows.
    """
    made = Histogram(key, tuple(edges))
    lower, upper = (None, *made.edges), (*made.edges, None)

    def measure(name: str, condition: str, what: str) -> Measure:
        count = f"count(*) filter (where ({where}) and {condition})"
        return Measure(
            key=name,
            source=source,
            unit=Unit.COUNT,
            basis=basis,
            expression=count if over_days is OverDays.LAST else f"nullif({count}, 0)",
            meaning=f"{meaning}: {what}",
            over_days=over_days,
        )

    def bounds(low: Decimal | None, high: Decimal | None) -> str:
        tests = [f"({value_sql}) is not null"]
        if low is not None:
            tests.append(f"({value_sql}) >= {low}")
        if high is not None:
            tests.append(f"({value_sql}) < {high}")
        return " and ".join(tests)

    buckets = (
        measure(name, bounds(low, high), f"from {low or 0}{'' if high is None else f' to under {high}'}")
        for name, low, high in zip(made.buckets, lower, upper, strict=True)
    )
    return (*buckets, measure(made.count, f"({value_sql}) is not null", "all"))


def quantile(edges: Sequence[Decimal], counts: Sequence[Decimal], q: Decimal) -> Decimal:
    """The value below which the share `q` of all lies, linear inside its bucket.

    `counts` has one more element than `edges`. A quantile in the last, open bucket is that bucket's lower
    edge: "at least". Without any count it is 0.
    """
    wanted = sum(counts) * q
    passed, low = Decimal(0), Decimal(0)
    for high, count in zip(edges, counts, strict=False):
        if count > 0 and passed + count >= wanted:
            return low + (high - low) * (wanted - passed) / count
        passed, low = passed + count, high
    return low if passed < wanted or any(counts) else Decimal(0)
