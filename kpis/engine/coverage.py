"""How far a number may be trusted: which days are known, as of when, and whether they can still change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from zoneinfo import ZoneInfo

from connectors.types import FreshnessState, StoreRef, StreamFreshness
from kpis.engine.definitions import KPI
from kpis.types import Reason

LEAST_COST_COMPLETENESS = Decimal("0.95")
_PLACES = Decimal("0.0001")

Freshness = Mapping[tuple[int, str], StreamFreshness]


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Trust:
    """What stands behind a number.

    `coverage` is the known share of the window's (store, stream, day)s, never rounded up to 1. `data_as_of`
    is the oldest of the streams' instants (None: one of them never delivered). `has_data`: of every stream
    at least one store has at least one day. `is_final` means that every day is known and the platforms no
    longer restate it. `reason` is why it may not be judged, else None.
    """

    coverage: Decimal
    data_as_of: datetime | None
    has_data: bool
    is_complete: bool
    is_final: bool
    sources: tuple[str, ...]
    reason: Reason | None


def trust(kpi: KPI, stores: Sequence[StoreRef], span: Span, freshness: Freshness, now: datetime) -> Trust:
    """Judge the streams `kpi` needs, for every store, over `span`; `now` decides whether the span is over."""
    known = total = 0
    by_group: dict[tuple[str, ...], int] = {}
    instants: list[datetime | None] = []
    settled = True
    states: set[FreshnessState] = set()
    sources: dict[str, None] = {}
    for store in stores:
        zone = ZoneInfo(store.time_zone)
        for group in kpi.needs:
            found = [item for key in group if (item := freshness.get((store.id, key))) is not None]
            delivered = [item for item in found if item.state is not FreshnessState.NEVER]
            days = len(_covered_days(delivered, span))
            by_group[group] = by_group.get(group, 0) + days
            known += days
            total += span.days
            instant = max((f.data_as_of for f in delivered if f.data_as_of is not None), default=None)
            instants.append(instant)
            settled = settled and _is_settled(instant, zone, span, kpi.settles_after_days)
            states.add(_best_state(found))
            sources.update(dict.fromkeys(item.stream for item in delivered))
    complete = total == known
    final = complete and settled
    oldest = None if None in instants else min((at for at in instants if at is not None), default=None)
    coverage = (Decimal(known) / total).quantize(_PLACES, rounding=ROUND_DOWN) if total else Decimal(1)
    over = all(now.astimezone(ZoneInfo(store.time_zone)).date() > span.end for store in stores)
    reason = _reason(states, over=over, complete=complete, final=final)
    return Trust(
        coverage, oldest, all(by_group.values()), complete and over, final and over, tuple(sources), reason
    )


def is_covered(kpi: KPI, stores: Sequence[StoreRef], span: Span, freshness: Freshness) -> bool:
    """Is every day of `span` known for every store and stream the KPI needs?"""
    return all(
        len(_covered_days([f for key in group if (f := freshness.get((store.id, key)))], span)) == span.days
        for store in stores
        for group in kpi.needs
    )


def final_on(kpi: KPI, span: Span) -> date:
    """The first day on which the number of `span` can be final."""
    return span.end + timedelta(days=max(kpi.settles_after_days, 1))


def _reason(states: set[FreshnessState], *, over: bool, complete: bool, final: bool) -> Reason | None:
    if FreshnessState.NEVER in states:
        return Reason.NEVER_SYNCED
    if FreshnessState.SUSPECT_EMPTY in states:
        return Reason.SUSPECT_EMPTY
    if not over:
        return Reason.PERIOD_INCOMPLETE
    if final:
        return None
    if FreshnessState.STALE in states:
        return Reason.STALE
    return Reason.NOT_FINAL if complete else Reason.COVERAGE_INCOMPLETE


def _covered_days(found: Iterable[StreamFreshness], span: Span) -> set[int]:
    """Ordinals of the span's days that at least one of the alternatives has covered."""
    days: set[int] = set()
    for item in found:
        if item.covered_from is None or item.covered_through is None:
            continue
        first, last = max(item.covered_from, span.start), min(item.covered_through, span.end)
        days.update(range(first.toordinal(), last.toordinal() + 1))
    return days


def _is_settled(instant: datetime | None, zone: ZoneInfo, span: Span, settles_after_days: int) -> bool:
    return instant is not None and instant.astimezone(zone).date() >= span.end + timedelta(
        days=max(settles_after_days, 1)
    )


def _best_state(found: Sequence[StreamFreshness]) -> FreshnessState:
    """Alternatives stand in for each other, so the best of them counts."""
    order = (
        FreshnessState.FRESH,
        FreshnessState.STALE,
        FreshnessState.SUSPECT_EMPTY,
        FreshnessState.NEVER,
    )
    return min((item.state for item in found), key=order.index, default=FreshnessState.NEVER)
