"""Two periods of some stores side by side, and how a decomposition of them is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from config.lib import clock
from config.lib.calendars import Period
from config.lib.errors import Invalid
from connectors.types import StoreRef
from kpis.catalog import CATALOG
from kpis.engine.coverage import Evidence, Freshness, Span
from kpis.engine.decompose.numbers import Number, rounded
from kpis.engine.linear import Linear
from kpis.engine.totals import MissingInput, Window
from kpis.selectors.drilldown import Parts, list_parts
from kpis.selectors.lines import Row, instant, text
from kpis.selectors.scorecards import choose_currency, choose_stores, load_freshness
from kpis.selectors.series import list_windows

PLACES = 10
MOST_SHOWN = 5
REMEDY = "Choose other periods or stores, or supply what is missing."


@dataclass(frozen=True, slots=True)
class Comparison:
    """The stores' sums in the period asked for and in the one it is compared with, in one currency."""

    stores: Sequence[StoreRef]
    period: Period
    compare: Period
    now: Window
    before: Window
    currency: str
    in_reporting: bool
    freshness: Freshness

    def parts(self, measures: Collection[str], *, by_sku: bool = True) -> tuple[Parts, Parts]:
        """Sums per store and SKU, before and now."""
        before, now = (
            list_parts(self.stores, span.start, span.end, measures, by_sku=by_sku)
            for span in (self.compare, self.period)
        )
        return before, now

    def head(self, kind: str, method: str) -> Row:
        """What every decomposition says of itself."""
        return {
            "kind": kind,
            "method": method,
            "currency": self.currency,
            "is_converted": self.in_reporting,
            "stores": [store.id for store in self.stores],
            "period": _span(self.period),
            "compare": _span(self.compare),
        }

    def quality(self, kpi_key: str) -> Row:
        """How far both sides may be trusted, by what the KPI needs; and what share of it is estimated."""
        kpi = CATALOG[kpi_key]
        sides = {}
        for side, span in (("period", self.period), ("compare", self.compare)):
            trust = Evidence(self.stores, Span(span.start, span.end), self.freshness, clock.now()).trust(kpi)
            sides[side] = {
                "coverage": text(trust.coverage),
                "is_complete": trust.is_complete,
                "is_final": trust.is_final,
                "data_as_of": instant(trust.data_as_of),
            }
        known = [_share(w, "units_with_cost", "units") for w in (self.before, self.now)]
        estimated = [_share(w, "units_uncharged", "units") for w in (self.before, self.now)]
        return {
            **sides,
            "cost_completeness": text(min((k for k in known if k is not None), default=None), 4),
            "estimated_share": text(max((e for e in estimated if e is not None), default=None), 4),
        }


def compare(
    period: Period, compared: Period | None, store_ids: Sequence[int], measures: frozenset[str]
) -> Comparison:
    """Read both periods (the one before unless told) with some measures; NotFound for an unknown store."""
    stores = choose_stores(store_ids)
    other = compared or period.previous()
    wanted = measures | {"units", "units_with_cost", "units_uncharged"}
    before, now = list_windows(wanted, stores, [other, period])
    currency, in_reporting = choose_currency(stores)
    return Comparison(stores, period, other, now, before, currency, in_reporting, load_freshness(stores))


def total(formula: Linear, window: Window) -> Decimal:
    """The formula over the window; `Invalid` says what is missing."""
    try:
        return formula.evaluate(window)
    except MissingInput as missing:
        raise refused(f"a sum is missing: {missing.reason.value}") from missing


def refused(why: str) -> Invalid:
    """There is nothing to decompose; `why` says it in words."""
    return Invalid(why, remedy=REMEDY)


def plain(value: Number | None) -> str | None:
    """A number as text with at most ten decimals."""
    return None if value is None else format(rounded(value, PLACES).normalize(), "f")


def node(
    key: str,
    before: Number | None,
    after: Number | None,
    contribution: Number,
    change: Number,
    *,
    points: Number | None = None,
) -> Row:
    """One branch: its value on both sides, what it did to the result, and its share of the change."""
    return {
        "key": key,
        "before": plain(before),
        "after": plain(after),
        "contribution": plain(contribution),
        "points": plain(points),
        "share": plain(_over(contribution, change)),
    }


def closed(nodes: Sequence[Row], change: Number) -> Row:
    """What the contributions add up to beside the change they explain, so that anybody can check."""
    told = sum((Decimal(each["contribution"]) for each in nodes), Decimal(0))
    return {"change": plain(change), "sum": plain(told)}


def largest(rows: Sequence[Row]) -> list[Row]:
    """The five rows that contribute most either way."""
    return sorted(rows, key=lambda row: -abs(Decimal(row["contribution"])))[:MOST_SHOWN]


def names_of(stores: Sequence[StoreRef]) -> Mapping[int, str]:
    """Store names by id."""
    return {store.id: store.name for store in stores}


def _over(part: Number, whole: Number) -> Number | None:
    if not whole:
        return None
    return Decimal(rounded(part, 20)) / Decimal(rounded(whole, 20))


def _share(window: Window, part: str, whole: str) -> Decimal | None:
    try:
        units = window.total(whole)
        return window.total(part) / units if units > 0 else None
    except MissingInput:
        return None


def _span(period: Period) -> Row:
    return {"id": period.id, "start": period.start.isoformat(), "end": period.end.isoformat()}
