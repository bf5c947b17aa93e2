"""How the agency itself is measured: shares kept, medians, and improvement over a frozen baseline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from config.lib.calendars import Period, PeriodKind
from tenants.types import ReportCadence

REPORT_DAYS = {ReportCadence.WEEK: 7, ReportCadence.MONTH: 10}
"""Within how many days after a period its review has to be held."""
_KINDS = {ReportCadence.WEEK: PeriodKind.WEEK, ReportCadence.MONTH: PeriodKind.MONTH}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of those that count were as they should be."""

    kept: int
    n: int

    @property
    def value(self) -> Decimal | None:
        """The share; None where nothing counts."""
        return None if self.n == 0 else Decimal(self.kept) / self.n


def share_of(outcomes: Iterable[bool]) -> Share:
    """Count outcomes."""
    found = list(outcomes)
    return Share(sum(found), len(found))


def reviews_due(
    cadence: ReportCadence, first: date, last: date, week_start: int
) -> list[tuple[Period, date]]:
    """Return the periods whose review had to be held between two days (both included), with its last day."""
    grace = timedelta(days=REPORT_DAYS[cadence])
    period = Period.containing(last - grace, _KINDS[cadence], week_start)
    found: list[tuple[Period, date]] = []
    while (due := period.end + grace) >= first:
        if due <= last:
            found.append((period, due))
        period = period.previous()
    return found[::-1]


def improvement(values: Sequence[Decimal], baseline: Decimal, *, is_up_better: bool) -> Decimal | None:
    """Return how much better the median of `values` is than the baseline, as a fraction of it; below zero is
    worse. None without values, or where the baseline is zero."""
    if not values or baseline == 0:
        return None
    change = (median(values) - baseline) / abs(baseline)
    return change if is_up_better else -change


def middle(values: Sequence[Decimal]) -> Decimal | None:
    """Return the median, None of nothing."""
    return median(values) if values else None


def weeks_within(first: date, last: date, week_start: int) -> list[Period]:
    """Return the whole weeks that ended between two days (both included), the first one first."""
    week = Period.containing(last + _DAY, PeriodKind.WEEK, week_start).previous()
    found = []
    while week.end >= first:
        found.append(week)
        week = week.previous()
    return found[::-1]
