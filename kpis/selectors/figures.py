"""KPIs of many stores over windows of days, each with the one reason why it may not be judged.

What watches figures (alerts) needs no scorecard: it asks for one KPI of all its stores at once, over the last
window that is final, and is told either a number that may be judged or why there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from config.lib import clock
from config.lib.calendars import business_day
from connectors.types import StoreRef
from kpis.catalog.drill import drills_by_sku
from kpis.engine.coverage import Evidence, Freshness, Span, Trust
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import KPIValue, evaluate
from kpis.engine.totals import StoreTotals, Total, Window
from kpis.selectors.answer import make_window
from kpis.selectors.definitions import get_definition
from kpis.selectors.drilldown import list_parts
from kpis.selectors.measures import list_window_sums
from kpis.selectors.scorecards import cut_off, load_freshness
from kpis.types import Direction, Reason, Unit

# So many days a window may end before the last day that could be final: reports of a platform come late.
MOST_LAG = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """A KPI of a store (or of one SKU of it) over `start`..`end`, in the store's own currency.

    `value` may be judged only where `why_not` is None: complete, final, of a sufficient sample, costs known.
    """

    store_id: int
    kpi: str
    sku: str
    start: date
    end: date
    value: Decimal | None
    why_not: Reason | None
    unit: Unit
    currency: str
    direction: Direction
    is_flow: bool
    sample: Decimal | None
    data_as_of: datetime | None


@dataclass(frozen=True, slots=True)
class _Asked:
    store: StoreRef
    span: Span
    last_day: date
    at: datetime
    freshness: Freshness

    def trust(self, kpi: KPI, span: Span) -> Trust:
        return Evidence([self.store], span, self.freshness, self.at).trust(kpi)


def list_figures(
    key: str, stores: Sequence[StoreRef], at: datetime, *, days: int, back: Sequence[int] = (0,)
) -> list[list[Figure]]:
    """Return for each store its figures over `days` days up to the last final day, and `back` days earlier.

    In a past instant nothing counts as late, and figures are as they are known today. One statement for all
    stores and windows, one for freshness; `NotFound` for an unknown KPI.
    """
    kpi = get_definition(key)
    asked = _ends(kpi, stores, at, days)
    spans = [_moved(each.span, offset) for each in asked for offset in back]
    found = _values(kpi, [each for each in asked for _ in back], spans)
    figures = [
        _figure(kpi, each, span, value)
        for (each, span), value in zip(
            ((each, _moved(each.span, offset)) for each in asked for offset in back), found, strict=True
        )
    ]
    width = len(back)
    return [figures[n : n + width] for n in range(0, len(figures), width)]


def list_past_figures(
    key: str,
    stores: Sequence[StoreRef],
    instants: Sequence[datetime],
    *,
    days: int,
    back: Sequence[int] = (0,),
) -> list[list[list[Figure]]]:
    """Return what `list_figures` would say at each of these instants, by one statement for all of them."""
    kpi = get_definition(key)
    freshness = load_freshness(stores)
    asked = [_ends(kpi, stores, at, days, freshness) for at in instants]
    flat = [(each, _moved(each.span, offset)) for row in asked for each in row for offset in back]
    found = _values(kpi, [each for each, _ in flat], [span for _, span in flat])
    figures = [_figure(kpi, each, span, value) for (each, span), value in zip(flat, found, strict=True)]
    width, per_instant = len(back), len(back) * len(stores)
    return [
        [figures[m : m + width] for m in range(n, n + per_instant, width)]
        for n in range(0, len(figures), per_instant or 1)
    ]


def list_sku_figures(key: str, stores: Sequence[StoreRef], at: datetime, *, days: int) -> list[Figure] | None:
    """Return the figures of every SKU with facts in the last final window; None where the KPI is not known
    by SKU. One statement per store and source."""
    kpi = get_definition(key)
    if not all(drills_by_sku(measure) for measure in kpi.measures):
        return None
    inputs = [measure for measure in kpi.inputs if drills_by_sku(measure)]
    figures: list[Figure] = []
    for each in _ends(kpi, stores, at, days):
        per_sku: dict[str, dict[str, Total]] = {}
        for place, totals in list_parts([each.store], each.span.start, each.span.end, inputs).items():
            per_sku[place.sku or ""] = totals
        for sku, totals in sorted(per_sku.items()):
            window = _window(each, each.span, {each.store.id: StoreTotals(totals)})
            value = evaluate(kpi, window, each.store.currency)
            figures.append(_figure(kpi, each, each.span, value, sku))
    return [figure for figure in figures if figure.sku]


def _ends(
    kpi: KPI,
    stores: Sequence[StoreRef],
    at: datetime,
    days: int,
    freshness: Freshness | None = None,
) -> list[_Asked]:
    """The last window of each store that may be judged; where there is none, the one that ought to be."""
    known = load_freshness(stores) if freshness is None else freshness
    if at < clock.now() - timedelta(hours=1):
        cut = cut_off(list(known.values()), stores, at)
        known = {(item.store_id, item.stream): item for item in cut}
    return [_last_final(kpi, store, at, days, known) for store in stores]


def _last_final(kpi: KPI, store: StoreRef, at: datetime, days: int, freshness: Freshness) -> _Asked:
    today = business_day(at, store.time_zone)
    ideal = today - timedelta(days=max(kpi.settles_after_days, 1))
    tried = []
    for lag in range(MOST_LAG + 1):
        end = ideal - timedelta(days=lag)
        span = Span(end - timedelta(days=days - 1), end)
        tried.append(_Asked(store, span, today - timedelta(days=1), at, freshness))
        if tried[-1].trust(kpi, span).reason is None:
            return tried[-1]
    return tried[0]


def _values(kpi: KPI, asked: Sequence[_Asked], spans: Sequence[Span]) -> list[KPIValue]:
    """Evaluate a KPI over one span each, with the span before for what grows; one statement."""
    windows: dict[tuple[date, date], int] = {}
    for own in spans:
        for span in (own, _moved(own, own.days)):
            windows.setdefault((span.start, span.end), len(windows))
    ids = list(dict.fromkeys(each.store.id for each in asked))
    sums = list_window_sums(ids, list(windows), kpi.inputs) if ids else []
    found = []
    for each, span in zip(asked, spans, strict=True):
        before = _moved(span, span.days)
        now_totals = sums[windows[span.start, span.end]]
        then_totals = sums[windows[before.start, before.end]]
        now = _window(each, span, _only(now_totals, each.store.id))
        then = _window(each, before, _only(then_totals, each.store.id))
        value = evaluate(kpi, now, each.store.currency, then)
        is_empty = not any(kpi.measures & totals.totals.keys() for totals in now.stores.values())
        if is_empty and not each.trust(kpi, span).has_data:
            value = KPIValue(None, each.trust(kpi, span).reason or Reason.NO_DATA, sample=value.sample)
        found.append(value)
    return found


def _only(totals: Mapping[int, StoreTotals], store_id: int) -> dict[int, StoreTotals]:
    return {store_id: totals[store_id]} if store_id in totals else {}


def _window(each: _Asked, span: Span, totals: Mapping[int, StoreTotals]) -> Window:
    return make_window(totals, span, each.last_day, in_reporting=False, is_domestic=False)


def _figure(kpi: KPI, each: _Asked, span: Span, found: KPIValue, sku: str = "") -> Figure:
    trust = each.trust(kpi, span)
    reason = found.why_missing or trust.reason
    small = kpi.min_sample is not None and found.sample is not None and found.sample < kpi.min_sample.least
    if reason is None and small:
        reason = Reason.BELOW_MINIMUM_SAMPLE
    return Figure(
        store_id=each.store.id,
        kpi=kpi.key,
        sku=sku,
        start=span.start,
        end=span.end,
        value=found.value,
        why_not=reason,
        unit=kpi.unit,
        currency=each.store.currency if kpi.unit is Unit.MONEY else "",
        direction=kpi.direction,
        is_flow=kpi.is_flow,
        sample=found.sample,
        data_as_of=trust.data_as_of,
    )


def _moved(span: Span, days: int) -> Span:
    """The same length so many days earlier."""
    return Span(span.start - timedelta(days=days), span.end - timedelta(days=days))
