"""A store's (or several stores') week or month against its targets, as JSON that is ready to send.

Queries: stores, freshness, targets with baselines, and one for the sums of all three windows, however many
KPIs there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from config.lib import clock
from config.lib.calendars import Period, PeriodKind, business_day
from config.lib.errors import FieldError, Invalid, NotFound
from connectors.selectors.freshness import list_store_freshness
from connectors.selectors.stores import list_stores
from connectors.types import FreshnessState, StoreRef, StreamFreshness
from kpis.catalog import ALL_KPIS, CATALOG, MEASURES
from kpis.catalog.pending import PENDING
from kpis.engine.coverage import Evidence, Freshness, Span
from kpis.engine.score import ScorecardScore, Scored, weighted
from kpis.engine.totals import StoreTotals, Window
from kpis.selectors.lines import (
    Asked,
    ComparedPeriod,
    Frame,
    Row,
    build_line,
    build_pending_line,
    instant,
    text,
)
from kpis.selectors.measures import list_period_sums
from kpis.selectors.plans import PlanLine, list_plan_lines
from kpis.types import Goal, LineRole, TargetView
from tenants.context import require_client

_NEEDED_STREAMS = frozenset(stream for kpi in ALL_KPIS for group in kpi.needs for stream in group)
_TREND = {PeriodKind.WEEK: "wow", PeriodKind.MONTH: "mom", PeriodKind.DAY: "dod", PeriodKind.ROLLING: "pop"}
_CORE_FIRST = {LineRole.CORE: 0, LineRole.AUXILIARY: 1}


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
    now = clock.now()
    if as_known_at is not None and as_known_at > now:
        raise Invalid(
            "as_known_at lies in the future",
            errors=[FieldError("", "Must not lie in the future.", "future", parameter="as_known_at")],
        )
    stores = choose_stores(store_ids)
    moment = as_known_at or now
    frame = _frame(period, stores, moment, as_known_at, language, explain=explain)
    lines = list_plan_lines([store.id for store in stores], period.end, as_known_at=as_known_at)
    rows, scored = _lines(_asked(lines, stores, frame), frame)
    return {
        "period": _period(period, frame),
        "stores": [_store(store) for store in stores],
        "currency": frame.currency,
        "exchange": _exchange(stores, frame),
        "as_known_at": instant(as_known_at),
        "generated_at": instant(now),
        **_score(weighted(scored)),
        **_provisional_score(weighted(scored, provisional=True)),
        "kpis": rows,
    }


def choose_stores(store_ids: Sequence[int]) -> list[StoreRef]:
    """Return the named stores, or all active ones; `NotFound` names those that are not there."""
    stores = list_stores(active_only=not store_ids)
    if not store_ids:
        return stores
    wanted = set(store_ids)
    absent = wanted - {store.id for store in stores}
    if absent:
        raise NotFound(f"there is no store {', '.join(map(str, sorted(absent)))}")
    return [store for store in stores if store.id in wanted]


def choose_currency(stores: Sequence[StoreRef]) -> tuple[str, bool]:
    """Return what money is shown in and whether that is the reporting currency: one native currency stays."""
    currencies = {store.currency for store in stores}
    if len(currencies) == 1:
        return currencies.pop(), False
    return require_client().reporting_currency, True


def load_freshness(stores: Sequence[StoreRef], as_known_at: datetime | None = None) -> Freshness:
    """Return the freshness of every stream a KPI may need, by (store, stream)."""
    zones = {store.id: store.time_zone for store in stores}
    found = list_store_freshness(stores, _NEEDED_STREAMS)
    if as_known_at is not None:
        found = [_cut_off(item, as_known_at, zones[item.store_id]) for item in found]
    return {(item.store_id, item.stream): item for item in found}


def make_window(
    stores: Mapping[int, StoreTotals],
    span: Span,
    last_day: date,
    *,
    in_reporting: bool,
    is_domestic: bool = False,
) -> Window:
    """Return the totals with the number of the span's days that have passed by `last_day` (at least 1)."""
    days = (min(span.end, last_day) - span.start).days + 1
    return Window(MEASURES, stores, max(days, 1), in_reporting, is_domestic)


def is_domestic(stores: Sequence[StoreRef]) -> bool:
    """Do all stores sell in the client's reporting currency?"""
    reporting = require_client().reporting_currency
    return all(store.currency == reporting for store in stores)


def _frame(
    period: Period,
    stores: Sequence[StoreRef],
    moment: datetime,
    as_known_at: datetime | None,
    language: str,
    *,
    explain: bool,
) -> Frame:
    currency, in_reporting = choose_currency(stores)
    periods = (period, period.previous(), period.year_ago())
    sums = list_period_sums([store.id for store in stores], periods, as_known_at=as_known_at)
    today = max((business_day(moment, store.time_zone) for store in stores), default=period.end)
    freshness = load_freshness(stores, as_known_at)
    domestic = is_domestic(stores)
    now, before, long_ago = (
        ComparedPeriod(
            make_window(found, span, today, in_reporting=in_reporting, is_domestic=domestic),
            Evidence(stores, span, freshness, moment),
        )
        for found, span in zip(sums, (Span(p.start, p.end) for p in periods), strict=True)
    )
    return Frame(stores, currency, _TREND[period.kind], now, before, long_ago, language, explain)


def _lines(asked: Mapping[str, Asked], frame: Frame) -> tuple[list[Row], list[Scored]]:
    built = [
        build_line(CATALOG[key], wanted, frame)
        if key in CATALOG
        else build_pending_line(PENDING[key], wanted, frame.language)
        for key, wanted in asked.items()
    ]
    return [row for row, _ in built], [scored for _, scored in built]


def _asked(lines: Sequence[PlanLine], stores: Sequence[StoreRef], frame: Frame) -> dict[str, Asked]:
    """What to show, core KPIs first; without any plan the whole catalogue, unweighted and without targets."""
    if not lines:
        return {kpi.key: Asked(None, None, Goal(kpi.direction), "", None) for kpi in ALL_KPIS}
    by_kpi: dict[str, list[PlanLine]] = {}
    for line in lines:
        by_kpi.setdefault(line.target.kpi, []).append(line)
    merged = {key: _merge(found, len(stores)) for key, found in by_kpi.items()}
    order = {key: n for n, key in enumerate((*CATALOG, *PENDING))}
    ranked = sorted(merged, key=lambda key: (_CORE_FIRST[merged[key].role or LineRole.AUXILIARY], order[key]))
    return {key: merged[key] for key in ranked}


def _merge(lines: Sequence[PlanLine], stores: int) -> Asked:
    """One line for several stores: the mean weight, and the target only where all have the same."""
    targets: list[TargetView] = [line.target for line in lines]
    first = targets[0]
    same = len(targets) == stores and all(target.goal == first.goal for target in targets)
    owners = {target.owner for target in targets}
    is_core = any(target.role is LineRole.CORE for target in targets)
    return Asked(
        role=LineRole.CORE if is_core else LineRole.AUXILIARY,
        weight=sum((target.weight for target in targets), Decimal(0)) / stores,
        goal=first.goal if same else Goal(first.goal.direction),
        owner=owners.pop() if len(owners) == 1 else "",
        baseline=lines[0].baseline if stores == 1 else None,
        targets_differ=not same,
    )


def _cut_off(item: StreamFreshness, at: datetime, time_zone: str) -> StreamFreshness:
    day = business_day(at, time_zone)
    through = item.covered_through
    return replace(
        item,
        state=FreshnessState.FRESH if item.data_as_of is not None else item.state,
        data_as_of=None if item.data_as_of is None else min(item.data_as_of, at),
        covered_through=None if through is None else min(through, day),
    )


def _period(period: Period, frame: Frame) -> Row:
    return {
        "id": period.id,
        "kind": period.kind.value,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "week_start": period.week_start,
        "previous": _span(frame.previous.evidence.span),
        "year_ago": _span(frame.year_ago.evidence.span),
        "is_over": frame.now.evidence.is_over,
    }


def _span(span: Span) -> Row:
    return {"start": span.start.isoformat(), "end": span.end.isoformat()}


def _store(store: StoreRef) -> Row:
    return {
        "id": store.id,
        "name": store.name,
        "platform": store.platform,
        "market": store.market,
        "currency": store.currency,
        "time_zone": store.time_zone,
    }


def _exchange(stores: Sequence[StoreRef], frame: Frame) -> list[Row]:
    """Where converted amounts come from: one entry per store whose money was converted."""
    if not frame.now.window.in_reporting:
        return []
    return [
        {
            "store": store.id,
            "from": store.currency,
            "to": frame.currency,
            "source": "ecb",
            "method": "each day's amount by the last reference rate published on or before it",
            "first_rate_on": totals.first_rate_on.isoformat() if totals.first_rate_on else None,
            "last_rate_on": totals.last_rate_on.isoformat() if totals.last_rate_on else None,
        }
        for store in stores
        if store.currency != frame.currency and (totals := frame.now.window.stores.get(store.id)) is not None
    ]


def _score(score: ScorecardScore) -> dict[str, Any]:
    return {
        "score": text(score.score, 2),
        "share_with_data": text(score.share_with_data, 4),
        "status": score.status.value,
        "is_gated": score.gated,
    }


def _provisional_score(score: ScorecardScore) -> dict[str, Any]:
    return {
        "provisional_score": text(score.score, 2),
        "provisional_share_with_data": text(score.share_with_data, 4),
        "provisional_status": score.status.value,
    }
