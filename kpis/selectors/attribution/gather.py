"""Gathers a case for the checklist: one store's sums, SKUs, stock, offers and events in two windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from config.lib.calendars import Period
from connectors.types import StoreRef
from kpis.catalog import formulas as f
from kpis.engine.attribution.case import (
    HISTORY_WEEKS,
    Case,
    SKUCase,
    SKUHistory,
    SKUWindow,
    StoreWindow,
)
from kpis.engine.linear import Linear, measure
from kpis.engine.totals import MissingInput, Total, Window
from kpis.selectors.attribution.seen import Seen, happenings, look
from kpis.selectors.drilldown import Parts, Place, list_parts
from kpis.selectors.scorecards import is_domestic
from kpis.selectors.series import list_windows

STORE_MEASURES = f.CM3.measures | {
    "units", "sessions", "buy_box_views", "page_views", "ad_clicks", "ad_sales", "fx_level",
}  # fmt: skip
SKU_MEASURES = (
    f.NET_SALES.measures | f.FULFILMENT_FEES.measures
    | {"units", "units_with_cost", "cogs_sold", "platform_fees_charged", "platform_fees_estimated",
       "ad_spend", "ad_sales", "ad_clicks"}
)  # fmt: skip
_COMMISSION = measure("platform_fees_charged") + measure("platform_fees_estimated")
ZERO = Decimal(0)


def gather(stores: Sequence[StoreRef], period: Period, compared: Period) -> dict[int, Case]:
    """Return a case per store; its money is in the store's own currency."""
    before, after, *ago = (
        _native(window)
        for window in list_windows(
            STORE_MEASURES, stores, [compared, period, compared.year_ago(), period.year_ago()]
        )
    )
    sides = [list_parts(stores, span.start, span.end, SKU_MEASURES) for span in (compared, period)]
    first = compared.end - timedelta(days=7 * HISTORY_WEEKS - 1)
    sold = list_parts(stores, first, compared.end, ("units",))
    return {
        store.id: _case(store, period, compared, (before, after), ago, sides, (first, sold))
        for store in stores
    }


def _case(
    store: StoreRef,
    period: Period,
    compared: Period,
    windows: tuple[Window, Window],
    ago: Sequence[Window],
    sides: Sequence[Parts],
    history: tuple[date, Parts],
) -> Case:
    seen = (
        look(store.id, compared.start, compared.end, until=compared.end),
        look(store.id, period.start, period.end),
    )
    first, sold = history
    stock = look(store.id, first, compared.end, until=first).stock
    past_days = (compared.end - first).days + 1
    found, has_events = happenings(store.id, compared.start, period.end)
    skus = {
        place.sku for side in (*sides, sold) for place in side if place.store_id == store.id and place.sku
    }
    before, after = (_store(store.id, window, each) for window, each in zip(windows, seen, strict=True))

    def sku_case(place: Place) -> SKUCase:
        then, now = (_sku(place, side, each) for side, each in zip(sides, seen, strict=True))
        days = past_days - stock.get(str(place.sku), (0, 0))[1]
        return SKUCase(str(place.sku), then, now, SKUHistory(_value(sold.get(place, {}), "units"), days))

    return Case(
        before=before,
        after=after,
        after_from=period.start,
        skus={sku: sku_case(Place(store.id, sku)) for sku in sorted(skus)},
        happenings=found,
        year_ago=_year_ago(store.id, ago),
        is_domestic=is_domestic([store]),
        has_events=has_events,
    )


def _native(window: Window) -> Window:
    return Window(window.measures, window.stores, window.days, False, window.is_domestic)


def _store(store_id: int, window: Window, seen: Seen) -> StoreWindow:
    own = window.only(store_id)
    level = _read(own, "fx_level")
    views, won = _read(own, "page_views"), _read(own, "buy_box_views")
    return StoreWindow(
        days=window.days,
        units=_read(own, "units") or ZERO,
        net_sales=_sum(own, f.NET_SALES),
        live_sales=_read(own, "live_sales") or ZERO,
        refunds=_read(own, "refunds") or ZERO,
        profit=_sum(own, f.CM3),
        ad_spend=_read(own, "ad_spend"),
        sessions=_read(own, "sessions"),
        buy_box=won / views if views and won is not None else None,
        shipments=seen.shipments,
        late=seen.late,
        rate=1 / level if level else None,
    )


def _sku(place: Place, parts: Parts, seen: Seen) -> SKUWindow:
    totals = parts.get(place, {})
    days, empty = seen.stock.get(str(place.sku), (0, 0))
    offer = seen.offers.get(str(place.sku))
    units = _value(totals, "units")
    is_costed = units > 0 and _value(totals, "units_with_cost") == units
    return SKUWindow(
        units=units,
        net_sales=_linear(totals, f.NET_SALES),
        live_sales=_value(totals, "live_sales"),
        fulfilment=_linear(totals, f.FULFILMENT_FEES),
        platform=_linear(totals, _COMMISSION),
        landed=_value(totals, "cogs_sold") if is_costed else None,
        ad_spend=_value(totals, "ad_spend"),
        ad_sales=_value(totals, "ad_sales"),
        ad_clicks=_value(totals, "ad_clicks"),
        stocked_days=days,
        empty_days=empty,
        own_price=offer.own if offer else None,
        rival_price=offer.rival if offer else None,
        featured=offer.featured if offer else None,
        offers_late=offer.is_late if offer else False,
        rank=seen.ranks.get(str(place.sku)),
    )


def _year_ago(store_id: int, ago: Sequence[Window]) -> Decimal | None:
    before, after = (_sum(window.only(store_id), f.NET_SALES) for window in ago)
    return after / before - 1 if before > 0 and after > 0 else None


def _read(window: Window, key: str) -> Decimal | None:
    """The measure of the window's one store; None where it has no row or its rate is missing."""
    store_id = next(iter(window.stores), None)
    if store_id is None:
        return None
    try:
        return window.of_store(store_id, key)
    except MissingInput:
        return None


def _sum(window: Window, formula: Linear) -> Decimal:
    try:
        return formula.evaluate(window)
    except MissingInput:
        return ZERO


def _value(totals: Mapping[str, Total], key: str) -> Decimal:
    found = totals.get(key)
    return found.value if found is not None and found.value is not None else ZERO


def _linear(totals: Mapping[str, Total], formula: Linear) -> Decimal:
    return sum((sign * _value(totals, key) for sign, key in formula.terms), ZERO)
