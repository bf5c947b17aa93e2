"""One KPI over time: a point per day, week or month, each with what says how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from config.lib import clock
from config.lib.calendars import Period, PeriodKind, business_day
from config.lib.errors import FieldError, Invalid
from connectors.types import StoreRef
from kpis.engine.coverage import Evidence, Freshness, Span, Trust
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import KPIValue, evaluate
from kpis.engine.totals import Window
from kpis.selectors.answer import make_window
from kpis.selectors.definitions import get_definition
from kpis.selectors.explaining import explain_inputs, explain_number, explain_streams
from kpis.selectors.lines import Row, instant, show, text
from kpis.selectors.measures import list_window_sums
from kpis.selectors.scorecards import (
    choose_currency,
    choose_stores,
    is_domestic,
    load_freshness,
)
from kpis.types import Grain, Reason, Unit
from tenants.context import require_client

MOST_POINTS = 800


def get_kpi(key: str) -> KPI:
    """Return a KPI's definition; `NotFound` for an unknown key."""
    return get_definition(key)


def get_series(
    key: str,
    *,
    first: date,
    last: date,
    grain: Grain,
    store_ids: Sequence[int] = (),
    explain: bool = False,
    as_known_at: datetime | None = None,
) -> Row:
    """Return the points of every period that touches `first`..`last` (both included); at most 800.

    `explain` adds what the KPI is made of, and to each point its parts. Ratios are
    computed from each period's own sums. `NotFound` for an unknown KPI or store, `Invalid` when the range is
    upside down or too long.
    """
    kpi = get_kpi(key)
    stores = choose_stores(store_ids)
    periods = _periods(first, last, grain)
    currency, in_reporting = choose_currency(stores)
    windows = list_windows(kpi.inputs, stores, periods, as_known_at=as_known_at)
    values = _evaluate(kpi, windows, currency)
    freshness = load_freshness(stores)
    points = [
        _point(kpi, period, value, stores, freshness, currency)
        for period, value in zip(periods, values, strict=True)
    ]
    made_of: Row = {}
    if explain:
        for point, value, window in zip(points, values, windows, strict=True):
            point["explain"] = explain_number(kpi, value, window)
        made_of = {
            "explain": {
                "formula": kpi.formula,
                "inputs": explain_inputs(kpi),
                "streams": explain_streams(kpi, stores, freshness),
            }
        }
    return {
        "key": kpi.key,
        "unit": kpi.unit.value,
        "basis": kpi.basis.value,
        "grain": grain.value,
        "currency": currency if kpi.unit is Unit.MONEY else None,
        "is_converted": in_reporting and kpi.unit is Unit.MONEY,
        "stores": [store.id for store in stores],
        "points": points,
        **made_of,
    }


def get_point(
    kpi: KPI, stores: Sequence[StoreRef], period: Period, *, as_known_at: datetime | None = None
) -> Row:
    """Return one period of any kind as a point of a series."""
    currency, _ = choose_currency(stores)
    before, now = list_windows(kpi.inputs, stores, [period.previous(), period], as_known_at=as_known_at)
    return _point(kpi, period, evaluate(kpi, now, currency, before), stores, load_freshness(stores), currency)


def list_values(kpi: KPI, stores: Sequence[StoreRef], periods: Sequence[Period]) -> list[KPIValue]:
    """Evaluate one KPI over every period (ascending); a period that nothing is known of has no value."""
    currency, _ = choose_currency(stores)
    values = _evaluate(kpi, list_windows(kpi.inputs, stores, periods), currency)
    freshness = load_freshness(stores)
    return [
        as_told(kpi, found, trust_in(kpi, period, stores, freshness))
        for found, period in zip(values, periods, strict=True)
    ]


def trust_in(kpi: KPI, period: Period, stores: Sequence[StoreRef], freshness: Freshness) -> Trust:
    """Return how far a KPI of a period can be trusted now."""
    return Evidence(stores, Span(period.start, period.end), freshness, clock.now()).trust(kpi)


def as_told(kpi: KPI, found: KPIValue, behind: Trust) -> KPIValue:
    """Return what may be told of a value: the sum over days that nobody reported is unknown, not zero."""
    if not behind.has_data and behind.coverage == 0 and kpi.needs and not found.value:
        return replace(found, value=None, why_missing=Reason.NO_DATA)
    return found


def _evaluate(kpi: KPI, windows: Sequence[Window], currency: str) -> list[KPIValue]:
    befores = [None, *windows[:-1]]
    return [evaluate(kpi, window, currency, before) for window, before in zip(windows, befores, strict=True)]


def list_windows(
    measures: frozenset[str],
    stores: Sequence[StoreRef],
    periods: Sequence[Period],
    *,
    as_known_at: datetime | None = None,
) -> list[Window]:
    """Return the totals of some measures over every period, as known now or at an instant."""
    _, in_reporting = choose_currency(stores)
    moment = clock.now()
    today = max((business_day(moment, store.time_zone) for store in stores), default=periods[-1].end)
    sums = list_window_sums(
        [store.id for store in stores],
        [(period.start, period.end) for period in periods],
        measures,
        as_known_at=as_known_at,
    )
    domestic = is_domestic(stores)
    return [
        make_window(
            found, Span(period.start, period.end), today, in_reporting=in_reporting, is_domestic=domestic
        )
        for found, period in zip(sums, periods, strict=True)
    ]


def _periods(first: date, last: date, grain: Grain) -> list[Period]:
    if last < first:
        raise Invalid(
            "the range ends before it begins",
            errors=[FieldError("", "Must not lie before `from`.", "range", parameter="to")],
        )
    kind, week_start = PeriodKind(grain.value), require_client().week_start
    periods = [Period.containing(first, kind, week_start)]
    while periods[-1].end < last:
        periods.append(periods[-1].next())
        if len(periods) > MOST_POINTS:
            raise Invalid(
                f"a series has at most {MOST_POINTS} points",
                remedy="Ask for a shorter range or a coarser grain.",
            )
    return periods


def _point(
    kpi: KPI,
    period: Period,
    found: KPIValue,
    stores: Sequence[StoreRef],
    freshness: Freshness,
    currency: str,
) -> Row:
    behind = trust_in(kpi, period, stores, freshness)
    told = as_told(kpi, found, behind)
    return {
        "period": period.id,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "value": show(kpi.unit, told.value, currency),
        "why_missing": told.why_missing.value if told.why_missing else None,
        "data_as_of": instant(behind.data_as_of),
        "coverage": text(behind.coverage),
        "is_final": behind.is_final,
        "basis": kpi.basis.value,
        "sources": list(behind.sources),
    }
