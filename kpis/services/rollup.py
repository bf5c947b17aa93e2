"""From dirty days to daily measures: the roll-up, the only writer of measures and period totals.

One transaction per call: lock, read the clock, compute, close and open what changed, renew the period totals,
tell, clear. Rolling up a day twice writes nothing. Facts that are committed meanwhile mark their days dirty
again with a higher generation, so clearing leaves them for the next call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from config.lib.errors import Conflict
from connectors.selectors.stores import list_stores
from connectors.services.dirty import DirtyClaim, claim_dirty_days, clear_dirty_days
from connectors.types import Family, StoreRef
from kpis.catalog import ALL_MEASURES, SOURCES
from kpis.engine.measures import FactSource, Measure
from kpis.engine.rollup_sql import PLANNER_SETTINGS, rollup_statement
from kpis.models import RollupBatch
from kpis.selectors.measures import lock_name
from kpis.services.reference_days import find_extents, plan_reference_days
from kpis.services.totals import renew_period_totals, weeks_have_moved
from kpis.types import RollupResult, Unit
from tenants import audit
from tenants.context import require_client
from tenants.outbox import emit

StoreDay = tuple[int, date]

_BY_SOURCE: Mapping[str, tuple[Measure, ...]] = {
    key: tuple(m for m in ALL_MEASURES if m.source == key) for key in SOURCES
}
_STATEMENTS: Mapping[str, str] = {
    key: rollup_statement(source, _BY_SOURCE[key]) for key, source in SOURCES.items() if _BY_SOURCE[key]
}

# What says how far a store's data reaches: neither what looks back nor listings, which may be years old.
_DAILY = tuple(
    m for m in ALL_MEASURES if not SOURCES[m.source].trailing_days and not SOURCES[m.source].also_days
)
_TRAILING = tuple(source for source in SOURCES.values() if source.trailing_days and _BY_SOURCE[source.key])

LIMIT = 5_000


@dataclass(slots=True)
class _Run:
    """One roll-up under way: its batch and what it has changed so far."""

    stores: Mapping[int, StoreRef]
    reporting: str
    week_start: int
    batch: int
    at: datetime
    opened: int = 0
    closed: int = 0
    changed: set[StoreDay] = field(default_factory=set)
    measures: Counter[str] = field(default_factory=Counter)


class RollupRunning(Conflict):
    """Another roll-up of the same client is at work."""

    code = "rollup_running"
    title = "The client's measures are being computed already"


def roll_up(*, limit: int | None = None, wait: bool = True) -> RollupResult:
    """Compute up to `limit` (5,000) dirty (store, day, family)s; `claimed` 0: nothing was left to do.

    While another roll-up of the client is at work this one waits its turn, or raises `RollupRunning`.
    """
    with transaction.atomic():
        run = _begin(wait=wait)
        claims = claim_dirty_days(limit or LIMIT)
        _compute(run, _days_by_source(claims))
        clear_dirty_days(claims)
        days = {(claim.store_id, claim.business_on) for claim in claims}
        return _finish(run, claimed=len(claims), days=len(days))


def recompute_days(*, days: Iterable[StoreDay]) -> RollupResult:
    """Compute every measure of these (store, day)s from the facts, dirty or not; writes only differences."""
    wanted = set(days)
    with transaction.atomic():
        run = _begin()
        _compute(run, dict.fromkeys(SOURCES, wanted))
        return _finish(run, claimed=0, days=len(wanted))


def refresh_rates() -> RollupResult:
    """Compute the recent days anew whose exchange rate was published after they were rolled up, days that
    had none, and days held in a former reporting currency of the client."""
    with transaction.atomic():
        run = _begin()
        wanted = _days_with_newer_rates(run.reporting)
        if wanted:
            _compute(run, dict.fromkeys(SOURCES, wanted))
        return _finish(run, claimed=0, days=len(wanted))


def _begin(*, wait: bool = True) -> _Run:
    """Take the client's roll-up lock, then read the clock: batches do not overlap, so a later one starts
    later, and nothing committed after a batch was seen can carry an earlier `known_from`."""
    client = require_client()
    with connection.cursor() as cursor:
        _lock(cursor, client.id, wait=wait)
        cursor.execute("select clock_timestamp(), nextval(pg_get_serial_sequence('kpis_rollupbatch', 'id'))")
        at, batch = cursor.fetchone()
    stores = {store.id: store for store in list_stores(active_only=False)}
    return _Run(stores, client.reporting_currency, client.week_start, batch, at)


def _lock(cursor: CursorWrapper, client_id: int, *, wait: bool) -> None:
    name = [lock_name(client_id)]
    if wait:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", name)
        return
    cursor.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", name)
    if not cursor.fetchone()[0]:
        raise RollupRunning


def _days_by_source(claims: Sequence[DirtyClaim]) -> dict[str, set[StoreDay]]:
    by_family: dict[Family, set[StoreDay]] = {}
    for claim in claims:
        by_family.setdefault(claim.family, set()).add((claim.store_id, claim.business_on))
    return {
        key: set().union(*(by_family.get(family, set()) for family in source.families))
        for key, source in SOURCES.items()
    }


def _compute(run: _Run, wanted: Mapping[str, set[StoreDay]]) -> None:
    """Compute the days of every source; those that look back last, because they may read the others' sums."""
    known = {key: {day for day in days if day[0] in run.stores} for key, days in wanted.items()}
    with planner_settings(PLANNER_SETTINGS):
        for key, days in known.items():
            if days and key in _STATEMENTS and not SOURCES[key].trailing_days:
                _compute_source(run, SOURCES[key], sorted(days | _also_days(SOURCES[key], days)))
    touched = {store_id for days in known.values() for store_id, _ in days}
    if touched:
        _compute_trailing(run, known, set(run.stores) if weeks_have_moved(run.week_start) else touched)


def _also_days(source: FactSource, days: set[StoreDay]) -> set[StoreDay]:
    if not source.also_days:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(source.also_days, {"store_set": sorted({store_id for store_id, _ in days})})
        return set(cursor.fetchall())


def _compute_trailing(run: _Run, changed: Mapping[str, set[StoreDay]], touched: set[int]) -> None:
    extents = find_extents(run.stores, touched, _DAILY)
    for source in _TRAILING:
        plan = plan_reference_days(
            extents=extents,
            store_ids=touched,
            changed=changed.get(source.key, ()),
            measure=_BY_SOURCE[source.key][0],
            trailing_days=source.trailing_days,
            week_start=run.week_start,
        )
        if plan.close:
            _close(run, source, plan.close)
        if plan.compute:
            with planner_settings(PLANNER_SETTINGS):
                _compute_source(run, source, plan.compute)


_CLOSE = """
update kpis_daily_measure m set known_to = %(at)s
from unnest(%(stores)s::bigint[], %(days)s::date[]) as d(store_id, business_on)
where m.known_to is null and m.measure = any(%(measures)s) and m.store_id = d.store_id
  and m.business_on = d.business_on
returning m.store_id, m.business_on, m.measure"""


def _close(run: _Run, source: FactSource, days: Sequence[StoreDay]) -> None:
    """Close the rows of days that are no reference days any more: yesterday, once there is a today."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CLOSE,
            {
                "at": run.at,
                "stores": [store_id for store_id, _ in days],
                "days": [day for _, day in days],
                "measures": [measure.key for measure in _BY_SOURCE[source.key]],
            },
        )
        for store_id, day, measure in cursor.fetchall():
            run.changed.add((store_id, day))
            run.measures[measure] += 1
            run.closed += 1


@contextmanager
def planner_settings(settings: Mapping[str, str]) -> Iterator[None]:
    """Plan the statements of the block with these settings, and the rest of the transaction as before."""
    with connection.cursor() as cursor:
        former = {}
        for name, value in settings.items():
            cursor.execute("select current_setting(%s), set_config(%s, %s, true)", [name, name, value])
            former[name] = cursor.fetchone()[0]
        yield
        # An error in the block rolls the transaction back, and the settings with it.
        for name, value in former.items():
            cursor.execute("select set_config(%s, %s, true)", [name, value])


def _compute_source(run: _Run, source: FactSource, days: Sequence[StoreDay]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _STATEMENTS[source.key],
            {
                "stores": [store_id for store_id, _ in days],
                "days": [day for _, day in days],
                "store_set": sorted({store_id for store_id, _ in days}),
                "day_set": sorted({day for _, day in days}),
                "markets": [run.stores[store_id].market for store_id, _ in days],
                "currencies": [run.stores[store_id].currency for store_id, _ in days],
                "reporting": run.reporting,
                "measures": [measure.key for measure in _BY_SOURCE[source.key]],
                "at": run.at,
                "batch": run.batch,
            },
        )
        for store_id, day, measure, is_open, is_closed, _ in cursor.fetchall():
            run.changed.add((store_id, day))
            run.measures[measure] += 1
            run.opened += is_open
            run.closed += is_closed


def _finish(run: _Run, *, claimed: int, days: int) -> RollupResult:
    if not run.changed:
        return RollupResult(claimed, days, 0, 0, 0)
    renew_period_totals(days=run.changed, reporting=run.reporting, week_start=run.week_start, batch=run.batch)
    RollupBatch.objects.create(
        number=run.batch, rolled_up_at=run.at, days=len(run.changed), opened=run.opened, closed=run.closed
    )
    stores = sorted({store_id for store_id, _ in run.changed})
    emit(
        "kpis.measures_changed",
        {"batch": run.batch, "store_ids": stores, "measures": sorted(run.measures)},
    )
    audit.record(
        "measures.rolled_up",
        target=("rollup_batch", run.batch),
        after={"days": len(run.changed), "opened": run.opened, "closed": run.closed, "store_ids": stores},
    )
    return RollupResult(claimed, days, run.opened, run.closed, run.batch)


_NEWER_RATES = """
select m.store_id, m.business_on
from kpis_daily_measure m
where m.known_to is null and m.why_missing = 'fx_missing'
  and exists (select from public.tenants_fxrate r
              where r.source = 'ecb' and r.rate_on between m.business_on - 7 and m.business_on
                and r.fetched_at > m.known_from)
union
select m.store_id, m.business_on
from kpis_daily_measure m
where m.known_to is null and m.currency <> '' and m.currency <> m.reporting_currency
  and m.rate_on < m.business_on and m.store_id = any(%(stores)s)
  and m.business_on >= (select max(rate_on) from public.tenants_fxrate where source = 'ecb') - 10
  and exists (select from public.tenants_fxrate r
              where r.source = 'ecb' and r.rate_on > m.rate_on and r.rate_on <= m.business_on
                and r.currency in (m.currency, m.reporting_currency))
union
select m.store_id, m.business_on
from kpis_daily_measure m
where m.known_to is null and m.measure = any(%(costs)s) and m.store_id = any(%(stores)s)
  and m.business_on >= (select max(rate_on) from public.tenants_fxrate where source = 'ecb') - 10
  and exists (select from public.tenants_fxrate r
              where r.source = 'ecb' and r.rate_on between m.business_on - 7 and m.business_on
                and r.fetched_at > m.known_from
                and r.currency in (select l.currency from fact_cost_line l where l.currency <> m.currency))
union
select m.store_id, m.business_on
from kpis_daily_measure m
where m.known_to is null and m.currency <> '' and m.reporting_currency <> %(reporting)s
"""

# Amounts made of unit costs, whose sheets may be in any currency.
_COST_MEASURES = [m.key for m in ALL_MEASURES if "unit_landed" in m.expression and m.unit is Unit.MONEY]


def _days_with_newer_rates(reporting: str) -> set[StoreDay]:
    stores = [store.id for store in list_stores(active_only=False)]
    with connection.cursor() as cursor:
        cursor.execute(_NEWER_RATES, {"stores": stores, "reporting": reporting, "costs": _COST_MEASURES})
        return {(store_id, day) for store_id, day in cursor.fetchall()}
