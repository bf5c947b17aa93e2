"""A store's (or several stores') period against its targets, as JSON that is ready to send.

One query, however many KPIs there are, and one more for each part that changed since this process read it:
stores with the freshness of their streams, targets with baselines, formulas, the sums of all periods (see
kpis.selectors.readings). What they say is worked out by kpis.selectors.answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import orjson

from config.lib import clock
from config.lib.calendars import Period, business_day
from config.lib.errors import FieldError, Invalid
from connectors.selectors.freshness import judge, list_stores_with_freshness, read_stored_states
from connectors.selectors.stores import list_stores
from connectors.types import FreshnessState, StoreRef, StreamFreshness
from kpis.catalog import ALL_KPIS
from kpis.engine.coverage import Freshness
from kpis.selectors.answer import Question, currency_of, remembered, work_out
from kpis.selectors.lines import Row, instant
from kpis.selectors.measures import Sums, list_window_sums, read_kept_totals
from kpis.selectors.plans import find_versioned_plan
from kpis.selectors.readings import Reading, named, needed_measures, read_present
from kpis.selectors.slices import Slice, find_shares, resolve_stores
from tenants.context import require_client

_NEEDED_STREAMS = frozenset(stream for kpi in ALL_KPIS for group in kpi.needs for stream in group)


def get_scorecard(
    period: Period,
    *,
    store_ids: Sequence[int] = (),
    within: Slice | None = None,
    as_known_at: datetime | None = None,
    language: str = "en",
    explain: bool = False,
    trend: int = 0,
) -> Row:
    """Return the scorecard of `period` for these stores (none named: all active ones), or for a slice.

    `trend` adds the values of so many periods to each line, the one asked for included (0: none).
    `as_known_at` shows measures, targets, formulas and baselines as they were known at that instant;
    freshness of then is not kept, so it is today's cut off at the instant. `NotFound` for an unknown store or
    an empty slice, `Invalid` for an instant in the future.
    """
    card = write_scorecard(
        period,
        store_ids=store_ids,
        within=within,
        as_known_at=as_known_at,
        language=language,
        explain=explain,
        trend=trend,
    )
    return {**card, "kpis": orjson.loads(orjson.dumps(card["kpis"]))}


def write_scorecard(
    period: Period,
    *,
    store_ids: Sequence[int] = (),
    within: Slice | None = None,
    as_known_at: datetime | None = None,
    language: str = "en",
    explain: bool = False,
    trend: int = 0,
) -> Row:
    """Return the same with the KPIs as a piece of JSON text, which orjson takes over as it is."""
    question = read_question(
        list_compared(period, trend),
        within or Slice(tuple(store_ids)),
        as_known_at=as_known_at,
        language=language,
        explain=explain,
    )
    answer = remembered(question) if question.kept else work_out(question, read_sums(question, as_known_at))
    return {
        **orjson.loads(answer.head),
        "as_known_at": instant(as_known_at),
        "generated_at": instant(clock.now()),
        "kpis": orjson.Fragment(answer.kpis),
    }


def read_question(
    periods: tuple[Period, ...],
    within: Slice,
    *,
    as_known_at: datetime | None = None,
    language: str = "en",
    explain: bool = False,
) -> Question:
    """Read everything that the scorecard of a slice depends on; sums of a past instant come separately."""
    now = clock.now()
    if as_known_at is not None and as_known_at > now:
        raise Invalid(
            "as_known_at lies in the future",
            errors=[FieldError("", "Must not lie in the future.", "future", parameter="as_known_at")],
        )
    store_ids = resolve_stores(within)
    shares = find_shares(within, periods[0].end, store_ids, as_known_at=as_known_at)
    if shares is not None:
        store_ids = tuple(sorted({store_id for store_id, _, _ in shares}))
    if as_known_at is None:
        reading = read_present(store_ids, periods)
    else:
        reading = _read_past(store_ids, periods[0].end, as_known_at)
    stores = named(reading.stored.stores, store_ids)
    moment = as_known_at or now
    freshness = judge(reading.stored, _NEEDED_STREAMS)
    return Question(
        periods=periods,
        stores=tuple(stores),
        days=tuple(business_day(moment, store.time_zone) for store in stores),
        moment=moment,
        reporting=require_client().reporting_currency,
        freshness=tuple(freshness if as_known_at is None else cut_off(freshness, stores, as_known_at)),
        plan=reading.plan,
        formulas=reading.formulas,
        kept=reading.kept,
        language=language,
        explain=explain,
        shares=shares,
    )


def read_sums(question: Question, as_known_at: datetime | None = None) -> Sums:
    """Return the sums that a question is about: those that came with it, or else those of the days."""
    if question.kept:
        return read_kept_totals(question.kept, question.periods)
    return list_window_sums(
        [store.id for store in question.stores],
        [(each.start, each.end) for each in question.periods],
        needed_measures(question.plan, question.formulas),
        as_known_at=as_known_at,
    )


def list_compared(period: Period, trend: int = 0) -> tuple[Period, ...]:
    """Return the period, the one before, the same a year ago, and what else a trend of so many needs: the
    earlier ones, and the one before the first, which growth is measured against."""
    found = [period, period.previous(), period.year_ago()]
    earlier = found[1]
    for _ in range(trend - 1):
        earlier = earlier.previous()
        found.append(earlier)
    return tuple(found)


def choose_stores(store_ids: Sequence[int]) -> list[StoreRef]:
    """Return the named stores, or all active ones; `NotFound` names those that are not there."""
    return named(list_stores(active_only=not store_ids), store_ids)


def choose_currency(stores: Sequence[StoreRef]) -> tuple[str, bool]:
    """Return what money is shown in and whether that is the reporting currency: one native currency stays."""
    return currency_of(stores, require_client().reporting_currency)


def load_freshness(stores: Sequence[StoreRef]) -> Freshness:
    """Return the freshness of every stream a KPI may need, by (store, stream)."""
    _, found = list_stores_with_freshness([store.id for store in stores], _NEEDED_STREAMS)
    return {(item.store_id, item.stream): item for item in found}


def is_domestic(stores: Sequence[StoreRef]) -> bool:
    """Do all stores sell in the client's reporting currency?"""
    reporting = require_client().reporting_currency
    return all(store.currency == reporting for store in stores)


def _read_past(store_ids: Sequence[int], on: date, as_known_at: datetime) -> Reading:
    """The parts as they were known at an instant; the sums of then are never kept."""
    stored = read_stored_states(store_ids or None)
    ids = [store.id for store in named(stored.stores, store_ids)]
    _, texts = find_versioned_plan(ids, on, as_known_at=as_known_at)
    return Reading(stored, *texts, ())


def cut_off(
    freshness: Sequence[StreamFreshness], stores: Sequence[StoreRef], at: datetime
) -> list[StreamFreshness]:
    """The freshness of now as if nothing had come after an instant."""
    zones = {store.id: store.time_zone for store in stores}
    return [_cut_off_stream(item, at, zones[item.store_id]) for item in freshness]


def _cut_off_stream(item: StreamFreshness, at: datetime, time_zone: str) -> StreamFreshness:
    day = business_day(at, time_zone)
    through = item.covered_through
    return replace(
        item,
        state=FreshnessState.FRESH if item.data_as_of is not None else item.state,
        data_as_of=None if item.data_as_of is None else min(item.data_as_of, at),
        covered_through=None if through is None else min(through, day),
    )
