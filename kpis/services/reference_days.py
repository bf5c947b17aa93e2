"""The days on which a source that looks back is computed: ends of weeks and months, and the latest with data.

They follow from the facts alone: which days are stored never depends on the order in which facts arrived.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from config.lib import clock
from config.lib.calendars import Period, PeriodKind, business_day
from connectors.types import StoreRef
from kpis.engine.measures import Measure
from kpis.types import Basis

StoreDay = tuple[int, date]

_EXTENTS = """
select s.store_id, min(x.first_on), max(x.last_on)
from unnest(%s::bigint[]) as s(store_id)
cross join unnest(%s::text[]) as k(measure)
cross join lateral (
  select min(m.business_on) as first_on, max(m.business_on) as last_on
  from kpis_daily_measure m
  where m.known_to is null and m.store_id = s.store_id and m.measure = k.measure) x
group by s.store_id having min(x.first_on) is not null"""

_STORED = """
select m.store_id, m.business_on from kpis_daily_measure m
where m.known_to is null and m.store_id = any(%s::bigint[]) and m.measure = %s"""


@dataclass(frozen=True, slots=True)
class ReferenceDays:
    """What is to be done for one source: days to compute, and days whose rows are to be closed."""

    compute: list[StoreDay]
    close: list[StoreDay]


def find_extents(
    stores: Mapping[int, StoreRef], store_ids: Collection[int], measures: Sequence[Measure]
) -> dict[int, tuple[date, date]]:
    """Return the first and the latest day with a row of one of the measures, the latest at most the store's
    today; exchange rates are no data. A store without any has no entry."""
    keys = [m.key for m in measures if m.basis is not Basis.RATE]
    with connection.cursor() as cursor:
        cursor.execute(_EXTENTS, [sorted(store_ids), keys])
        rows = cursor.fetchall()
    now = clock.now()
    return {
        store_id: (first, min(last, business_day(now, stores[store_id].time_zone)))
        for store_id, first, last in rows
    }


def plan_reference_days(
    *,
    extents: Mapping[int, tuple[date, date]],
    store_ids: Collection[int],
    changed: Iterable[StoreDay],
    measure: Measure,
    trailing_days: int,
    week_start: int,
) -> ReferenceDays:
    """Plan one source: the reference days a changed day can reach, and those that are not stored yet.

    `measure` is any one of the source's: all have a row on every day that is stored.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [sorted(store_ids), measure.key])
        stored = {(store_id, day) for store_id, day in cursor.fetchall()}
    wanted = {
        (store_id, day)
        for store_id, (first, last) in extents.items()
        for day in _period_ends(first, last, week_start)
    }
    reached = wanted & set(_reach(changed, trailing_days, extents, week_start))
    return ReferenceDays(sorted(reached | (wanted - stored)), sorted(stored - wanted))


def _period_ends(first: date, last: date, week_start: int) -> Iterator[date]:
    """The last day of every week and month from `first` to `last`, and `last`."""
    for kind in (PeriodKind.WEEK, PeriodKind.MONTH):
        period = Period.containing(first, kind, week_start)
        while period.end <= last:
            yield period.end
            period = period.next()
    if first <= last:
        yield last


def _reach(
    changed: Iterable[StoreDay], trailing_days: int, extents: Mapping[int, tuple[date, date]], week_start: int
) -> Iterator[StoreDay]:
    """Every reference day whose window holds a changed day; changed days are taken in runs, so that a year of
    them costs no more than its weeks."""
    by_store: dict[int, list[date]] = {}
    for store_id, day in changed:
        by_store.setdefault(store_id, []).append(day)
    for store_id, days in by_store.items():
        if store_id not in extents:
            continue
        last = extents[store_id][1]
        for start, end in _runs(sorted(days)):
            through = min(end + timedelta(days=trailing_days - 1), last)
            for day in _period_ends(start, through, week_start):
                yield store_id, day
            if through == last:
                yield store_id, last


def _runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Consecutive days as (first, last)."""
    start = days[0]
    for day, following in zip(days, [*days[1:], None], strict=True):
        if following is None or following > day + timedelta(days=1):
            yield start, day
            if following is not None:
                start = following
