"""How far a number may be trusted: which days are known, as of when, and whether they can still change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from zoneinfo import ZoneInfo

from connectors.types import FreshnessState, StoreRef, StreamFreshness
from kpis.engine.definitions import KPI
from kpis.types import Reason

_PLACES = Decimal("0.0001")
_ALL = Decimal("1.0000")
_BEST_FIRST = (
    FreshnessState.FRESH,
    FreshnessState.STALE,
    FreshnessState.SUSPECT_EMPTY,
    FreshnessState.NEVER,
)

Freshness = Mapping[tuple[int, str], StreamFreshness]
Group = tuple[str, ...]


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
    longer restate it. `reason` is why it is not final and may not be judged, else None.
    """

    coverage: Decimal
    data_as_of: datetime | None
    has_data: bool
    is_complete: bool
    is_final: bool
    sources: tuple[str, ...]
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class _Delivered:
    """What one group of alternative streams delivered over the span, all stores together.

    `instant` and `settled_on` (its day on the shop's clock) are of the store that is furthest behind, None
    when a store has nothing.
    """

    known: int
    instant: datetime | None
    settled_on: date | None
    states: frozenset[FreshnessState]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of some stores over one span as of `now`; judged once per stream, not once per KPI."""

    stores: Sequence[StoreRef]
    span: Span
    freshness: Freshness
    now: datetime
    _delivered: dict[Group, _Delivered] = field(default_factory=dict, compare=False, repr=False)
    _covered: dict[tuple[Group, ...], bool] = field(default_factory=dict, compare=False, repr=False)
    _trust: dict[tuple[tuple[Group, ...], int], Trust] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def is_over(self) -> bool:
        """Has the span ended on every shop's clock?"""
        return all(
            self.now.astimezone(ZoneInfo(store.time_zone)).date() > self.span.end for store in self.stores
        )

    def trust(self, kpi: KPI) -> Trust:
        """How far a number made of the streams that `kpi` needs may be trusted."""
        key = (kpi.needs, kpi.settles_after_days)
        if key not in self._trust:
            self._trust[key] = self._judge(kpi)
        return self._trust[key]

    def covers(self, kpi: KPI) -> bool:
        """Is every day known, for every store and every stream that `kpi` needs?"""
        if kpi.needs not in self._covered:
            full = self.span.days * len(self.stores)
            self._covered[kpi.needs] = all(self._group(group).known == full for group in kpi.needs)
        return self._covered[kpi.needs]

    def _judge(self, kpi: KPI) -> Trust:
        groups = [self._group(group) for group in kpi.needs]
        total = self.span.days * len(self.stores) * len(groups)
        known = sum(group.known for group in groups)
        complete, over = known == total, self.is_over
        final = complete and all(_is_settled(group, self.span, kpi) for group in groups)
        states = frozenset[FreshnessState]().union(*(group.states for group in groups))
        reason = _reason(states, over=over, complete=complete, final=final)
        instants = [group.instant for group in groups]
        return Trust(
            coverage=_ALL if complete else (Decimal(known) / total).quantize(_PLACES, rounding=ROUND_DOWN),
            data_as_of=_oldest(instants),
            has_data=all(group.known for group in groups),
            is_complete=complete and over,
            is_final=reason is None,
            sources=tuple(dict.fromkeys(source for group in groups for source in group.sources)),
            reason=reason,
        )

    def _group(self, group: Group) -> _Delivered:
        if group not in self._delivered:
            self._delivered[group] = self._deliver(group)
        return self._delivered[group]

    def _deliver(self, group: Group) -> _Delivered:
        known = 0
        instants: list[datetime | None] = []
        days: list[date] = []
        states: set[FreshnessState] = set()
        sources: dict[str, None] = {}
        for store in self.stores:
            found = [item for key in group if (item := self.freshness.get((store.id, key))) is not None]
            delivered = [item for item in found if item.state is not FreshnessState.NEVER]
            known += _known_days(delivered, self.span)
            instant = max(
                (item.data_as_of for item in delivered if item.data_as_of is not None), default=None
            )
            instants.append(instant)
            if instant is not None:
                days.append(instant.astimezone(ZoneInfo(store.time_zone)).date())
            states.add(min((item.state for item in found), key=_BEST_FIRST.index, default=_BEST_FIRST[-1]))
            sources.update(dict.fromkeys(item.stream for item in delivered))
        settled_on = min(days) if days and len(days) == len(self.stores) else None
        return _Delivered(known, _oldest(instants), settled_on, frozenset(states), tuple(sources))


def final_on(kpi: KPI, span: Span) -> date:
    """The first day on which the number of `span` can be final."""
    return span.end + timedelta(days=max(kpi.settles_after_days, 1))


def _is_settled(group: _Delivered, span: Span, kpi: KPI) -> bool:
    return group.settled_on is not None and group.settled_on >= final_on(kpi, span)


def _reason(states: frozenset[FreshnessState], *, over: bool, complete: bool, final: bool) -> Reason | None:
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


def _known_days(found: Iterable[StreamFreshness], span: Span) -> int:
    """How many days of the span at least one of the alternatives has covered."""
    days: set[int] = set()
    for item in found:
        if item.covered_from is None or item.covered_through is None:
            continue
        first, last = max(item.covered_from, span.start), min(item.covered_through, span.end)
        days.update(range(first.toordinal(), last.toordinal() + 1))
    return len(days)


def _oldest(instants: Sequence[datetime | None]) -> datetime | None:
    """The oldest instant; None when one is missing, or there are none."""
    present = [at for at in instants if at is not None]
    return min(present) if present and len(present) == len(instants) else None
