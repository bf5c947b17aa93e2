"""A period against the one before and the one a year ago: as the calendar fell, and adjusted for it.

Raw compares equally many days from the start of each period, so a period under way faces the same part of
another. Adjusted puts each day beside its like (kpis.engine.alignment). KPIs of fulfilment also show what
they are without the days on which the market's warehouses rest (K10).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from config.lib.calendars import Period
from config.lib.errors import FieldError, Invalid
from connectors.types import StoreRef
from kpis.catalog import CATALOG, MEASURES
from kpis.engine.alignment import Alignment, align
from kpis.engine.coverage import Evidence, Freshness, Span
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import evaluate
from kpis.engine.totals import StoreTotals, Window
from kpis.engine.trend import Change, Point, compare
from kpis.selectors.answer import Question, currency_of
from kpis.selectors.definitions import read_formulas
from kpis.selectors.happenings import REST_DAY, list_events
from kpis.selectors.lines import Row, instant, show, text
from kpis.selectors.plans import read_plan
from kpis.selectors.readings import needed_measures
from kpis.selectors.scorecards import list_compared, read_question
from kpis.selectors.slices import Slice
from kpis.selectors.weighted_sums import WeightedDay, list_weighted_sums
from kpis.types import Reason

_ONE = Decimal(1)
_PLACES = Decimal(1).scaleb(-20)
# Sales move by some weeks between years (Prime Day, Golden Week sales, Buen Fin).
_MOVES_BY = timedelta(days=45)

# The numbers of the sums.
_NOW, _RAW_PREVIOUS, _RAW_YEAR, _NOW_PREVIOUS, _ADJ_PREVIOUS, _NOW_YEAR, _ADJ_YEAR, _WORKDAYS = range(8)


@dataclass(frozen=True, slots=True)
class _Reference:
    """A period to compare with: its equally many first days and, per store, the likes of the days."""

    period: Period
    raw: tuple[date, ...]
    likes: dict[int, Alignment]

    @property
    def reach(self) -> Span:
        """From the first to the last day that the adjusted comparison reads."""
        days = [day for each in self.likes.values() for day in each.weights]
        return Span(min(days, default=self.raw[0]), max(days, default=self.raw[0]))

    @property
    def matched(self) -> int:
        """Days that have a like, of the store with the fewest."""
        return min((each.days for each in self.likes.values()), default=0)


@dataclass(frozen=True, slots=True)
class _Frame:
    question: Question
    days: tuple[date, ...]
    windows: tuple[Window, ...]
    freshness: Freshness
    currency: str
    previous: _Reference
    year_ago: _Reference

    def covers(self, kpi: KPI, span: Span) -> bool:
        return Evidence(self.question.stores, span, self.freshness, self.question.moment).covers(kpi)


def get_comparisons(period: Period, *, within: Slice, language: str = "en") -> Row:
    """Return every KPI of the plan (all, where there is none) against both references, raw and adjusted.

    `Invalid` while not even the first day of the period is over.
    """
    question = read_question(list_compared(period), within, language=language)
    frame, events = _prepare(question, period)
    own = read_formulas(question.formulas)
    planned = dict.fromkeys(line.target.kpi for line in read_plan(question.plan, question.formulas))
    kpis = [found for key in planned or {**CATALOG, **own} if (found := CATALOG.get(key) or own.get(key))]
    shown = sorted({name for day, names in events.items() if day in period for name in names})
    return {
        "period": _span(period, frame.days[0], frame.days[-1]),
        "is_over": frame.days[-1] == period.end,
        "previous": _reference(frame.previous, period, events),
        "year_ago": _reference(frame.year_ago, period, events),
        "events": shown,
        "currency": frame.currency,
        "generated_at": instant(question.moment),
        "kpis": [_line(kpi, frame, language) for kpi in kpis],
    }


def _prepare(question: Question, period: Period) -> tuple[_Frame, dict[date, frozenset[str]]]:
    stores = question.stores
    last = min((day - timedelta(days=1) for day in question.days), default=period.end)
    days = tuple(day for day in period.days() if day <= last)
    if not days:
        told = "No day of the period is over yet."
        raise Invalid(told, errors=[FieldError("", told, "not_begun", parameter="period")])
    before, year = question.periods[1:3]
    events = list_events(stores, year.start - _MOVES_BY, period.end)
    previous = _Reference(
        before,
        tuple(before.days())[: len(days)],
        {s.id: align(days, tuple(before.days()), events[s.id]) for s in stores},
    )
    wider = [year.start - _MOVES_BY + timedelta(days=n) for n in range(year.length + 2 * _MOVES_BY.days)]
    year_ago = _Reference(
        year,
        tuple(year.days())[: len(days)],
        {s.id: align(days, tuple(year.days()), events[s.id], wider=wider) for s in stores},
    )
    rest = {s.id: {day for day, names in events[s.id].items() if REST_DAY in names} for s in stores}
    sums = list_weighted_sums(
        _weigh(stores, days, previous, year_ago, rest),
        needed_measures(question.plan, question.formulas),
        _WORKDAYS + 1,
    )
    workdays = max((sum(day not in rest[s.id] for day in days) for s in stores), default=len(days))
    lengths = (
        *(len(days),) * 3,
        *(previous.matched,) * 2,
        *(year_ago.matched,) * 2,
        workdays,
    )
    currency, in_reporting = currency_of(stores, question.reporting)
    frame = _Frame(
        question,
        days,
        tuple(_window(found, n, question, in_reporting) for found, n in zip(sums, lengths, strict=True)),
        {(item.store_id, item.stream): item for item in question.freshness},
        currency,
        previous,
        year_ago,
    )
    merged: dict[date, frozenset[str]] = {}
    for each in events.values():
        for day, names in each.items():
            merged[day] = merged.get(day, frozenset()) | names
    return frame, merged


def _window(found: dict[int, StoreTotals], days: int, question: Question, in_reporting: bool) -> Window:
    domestic = all(store.currency == question.reporting for store in question.stores)
    return Window(MEASURES, found, max(days, 1), in_reporting, domestic)


def _weigh(
    stores: Sequence[StoreRef],
    days: Sequence[date],
    previous: _Reference,
    year_ago: _Reference,
    rest: dict[int, set[date]],
) -> Iterable[WeightedDay]:
    for store in stores:
        yield from ((store.id, _NOW, day, _ONE) for day in days)
        yield from ((store.id, _WORKDAYS, day, _ONE) for day in days if day not in rest[store.id])
        for reference, raw, now, adjusted in (
            (previous, _RAW_PREVIOUS, _NOW_PREVIOUS, _ADJ_PREVIOUS),
            (year_ago, _RAW_YEAR, _NOW_YEAR, _ADJ_YEAR),
        ):
            yield from ((store.id, raw, day, _ONE) for day in reference.raw)
            likes = reference.likes[store.id]
            yield from ((store.id, now, day, _ONE) for day in likes.matched)
            for day, weight in likes.weights.items():
                share = Decimal(weight.numerator) / Decimal(weight.denominator)
                yield store.id, adjusted, day, share.quantize(_PLACES)


def _line(kpi: KPI, frame: _Frame, language: str) -> Row:
    found = evaluate(kpi, frame.windows[_NOW], frame.currency, frame.windows[_RAW_PREVIOUS])
    row: Row = {
        "key": kpi.key,
        "name": kpi.names.in_language(language),
        "unit": kpi.unit.value,
        "value": show(kpi.unit, found.value, frame.currency),
        "why_missing": found.why_missing.value if found.why_missing else None,
        "previous": _against(kpi, frame, frame.previous, _RAW_PREVIOUS, _NOW_PREVIOUS, _ADJ_PREVIOUS),
        "year_ago": _against(kpi, frame, frame.year_ago, _RAW_YEAR, _NOW_YEAR, _ADJ_YEAR),
        "without_rest_days": None,
    }
    if kpi.family == "fulfilment":
        workdays = evaluate(kpi, frame.windows[_WORKDAYS], frame.currency)
        row["without_rest_days"] = show(kpi.unit, workdays.value, frame.currency)
    return row


def _against(kpi: KPI, frame: _Frame, reference: _Reference, raw: int, now: int, adjusted: int) -> Row:
    own = Span(frame.days[0], frame.days[-1])
    return {
        "raw": _change(kpi, frame, own, _NOW, Span(reference.raw[0], reference.raw[-1]), raw),
        "adjusted": _change(kpi, frame, own, now, reference.reach, adjusted)
        if reference.matched
        else _shown(kpi, Change(None, None, None, False, Reason.NO_REFERENCE), frame.currency),
    }


def _change(kpi: KPI, frame: _Frame, own: Span, now: int, there: Span, before: int) -> Row:
    ours = evaluate(kpi, frame.windows[now], frame.currency)
    theirs = evaluate(kpi, frame.windows[before], frame.currency)
    days = frame.windows[now].days
    change = compare(
        Point(ours.value, days, frame.covers(kpi, own), ours.why_missing),
        Point(theirs.value, days, frame.covers(kpi, there), theirs.why_missing),
        is_flow=kpi.is_flow,
    )
    return _shown(kpi, change, frame.currency)


def _shown(kpi: KPI, change: Change, currency: str) -> Row:
    return {
        "reference": show(kpi.unit, change.previous, currency),
        "absolute": show(kpi.unit, change.absolute, currency),
        "relative": text(change.relative),
        "why_missing": change.why_missing.value if change.why_missing else None,
    }


def _reference(reference: _Reference, period: Period, events: dict[date, frozenset[str]]) -> Row:
    """What the adjustment had to leave out, and which events stand in only one of the two."""
    left_out = sorted({day for each in reference.likes.values() for day in each.left_out})
    here = {name for day, names in events.items() if day in period for name in names}
    there = {name for day, names in events.items() if day in reference.period for name in names}
    return {
        **_span(reference.period, reference.raw[0], reference.raw[-1]),
        "event_affected": here != there,
        "events": sorted(there),
        "events_in_one_only": sorted(here ^ there),
        "matched_days": reference.matched,
        "left_out": [day.isoformat() for day in left_out],
    }


def _span(period: Period, first: date, last: date) -> dict[str, Any]:
    return {"id": period.id, "start": first.isoformat(), "end": last.isoformat()}
