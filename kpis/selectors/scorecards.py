"""A store's (or several stores') week or month against its targets, as JSON that is ready to send.

Three queries, however many KPIs there are: stores with the freshness of their streams, targets with
baselines, and the sums of all three periods. What they say is worked out by kpis.selectors.answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import orjson

from config.lib import clock
from config.lib.calendars import Period, business_day
from config.lib.errors import FieldError, Invalid, NotFound
from connectors.selectors.freshness import list_stores_with_freshness
from connectors.selectors.stores import list_stores
from connectors.types import FreshnessState, StoreRef, StreamFreshness
from kpis.catalog import ALL_KPIS
from kpis.engine.coverage import Freshness
from kpis.selectors.answer import Question, currency_of, remembered, work_out
from kpis.selectors.lines import Row, instant
from kpis.selectors.measures import list_kept_totals, list_period_sums
from kpis.selectors.plans import find_plan_text
from tenants.context import require_client

_NEEDED_STREAMS = frozenset(stream for kpi in ALL_KPIS for group in kpi.needs for stream in group)


def get_scorecard(
    period: Period,
    *,
    store_ids: Sequence[int] = (),
    as_known_at: datetime | None = None,
    language: str = "en",
    explain: bool = False,
) -> Row:
    """Return the scorecard of `period` for these stores (none named: all active ones).

    `as_known_at` shows measures, targets and baselines as they were known at that instant; freshness of then
    is not kept, so it is today's cut off at the instant. `NotFound` for an unknown store, `Invalid` for an
    instant in the future.
    """
    card = write_scorecard(
        period, store_ids=store_ids, as_known_at=as_known_at, language=language, explain=explain
    )
    return {**card, "kpis": orjson.loads(orjson.dumps(card["kpis"]))}


def write_scorecard(
    period: Period,
    *,
    store_ids: Sequence[int] = (),
    as_known_at: datetime | None = None,
    language: str = "en",
    explain: bool = False,
) -> Row:
    """Return the same with the KPIs as a piece of JSON text, which orjson takes over as it is."""
    now = clock.now()
    if as_known_at is not None and as_known_at > now:
        raise Invalid(
            "as_known_at lies in the future",
            errors=[FieldError("", "Must not lie in the future.", "future", parameter="as_known_at")],
        )
    stores, freshness = _choose(store_ids, as_known_at)
    ids = [store.id for store in stores]
    periods = (period, period.previous(), period.year_ago())
    moment = as_known_at or now
    question = Question(
        periods=periods,
        stores=tuple(stores),
        days=tuple(business_day(moment, store.time_zone) for store in stores),
        moment=moment,
        reporting=require_client().reporting_currency,
        freshness=tuple(freshness),
        plan=find_plan_text(ids, period.end, as_known_at=as_known_at),
        kept=() if as_known_at is not None else list_kept_totals(ids, periods),
        language=language,
        explain=explain,
    )
    if question.kept:
        answer = remembered(question)
    else:
        answer = work_out(question, list_period_sums(ids, periods, as_known_at=as_known_at))
    return {
        **orjson.loads(answer.head),
        "as_known_at": instant(as_known_at),
        "generated_at": instant(now),
        "kpis": orjson.Fragment(answer.kpis),
    }


def choose_stores(store_ids: Sequence[int]) -> list[StoreRef]:
    """Return the named stores, or all active ones; `NotFound` names those that are not there."""
    return _named(list_stores(active_only=not store_ids), store_ids)


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


def _choose(
    store_ids: Sequence[int], as_known_at: datetime | None
) -> tuple[list[StoreRef], list[StreamFreshness]]:
    found, freshness = list_stores_with_freshness(store_ids or None, _NEEDED_STREAMS)
    stores = _named(found, store_ids)
    if as_known_at is not None:
        zones = {store.id: store.time_zone for store in stores}
        freshness = [_cut_off(item, as_known_at, zones[item.store_id]) for item in freshness]
    return stores, freshness


def _named(stores: list[StoreRef], store_ids: Sequence[int]) -> list[StoreRef]:
    """The stores of these ids (none: all); NotFound names those that are not there."""
    absent = set(store_ids) - {store.id for store in stores}
    if absent:
        raise NotFound(f"there is no store {', '.join(map(str, sorted(absent)))}")
    wanted = set(store_ids)
    return [store for store in stores if not wanted or store.id in wanted]


def _cut_off(item: StreamFreshness, at: datetime, time_zone: str) -> StreamFreshness:
    day = business_day(at, time_zone)
    through = item.covered_through
    return replace(
        item,
        state=FreshnessState.FRESH if item.data_as_of is not None else item.state,
        data_as_of=None if item.data_as_of is None else min(item.data_as_of, at),
        covered_through=None if through is None else min(through, day),
    )
