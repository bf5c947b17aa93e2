"""Price, volume, mix, cost and exchange rates: why CM2 moved, SKU by SKU.

Price is net sales per unit; cost is everything between net sales and CM2 per unit, both in the shop's
currency, which the exchange rate turns into the currency of the report. What belongs to no SKU
(subscriptions, storage) or to a SKU that sold nothing (late refunds and fees) has no unit: it is told as a
line of its own, so that the parts still add up to the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from config.lib.calendars import Period
from kpis.catalog import formulas as f
from kpis.engine.decompose.numbers import to_fraction
from kpis.engine.decompose.pvm import PVM, Presence, Sale, SKUEffects, price_volume_mix
from kpis.engine.linear import Linear, measure
from kpis.engine.totals import Total
from kpis.selectors.decomposition.comparison import (
    Comparison,
    closed,
    compare,
    largest,
    names_of,
    node,
    plain,
    refused,
)
from kpis.selectors.drilldown import Place
from kpis.selectors.lines import Row

MEASURES = f.CM2.measures | {"units"}
WITHOUT_UNITS = "without_units"
_LIVE = measure("live_sales")
Sales = dict[str, Sale]


def get_price_volume_mix(period: Period, compared: Period | None, store_ids: Sequence[int]) -> Row:
    """Return the split of the change of CM2; the effects and what has no unit add up to it exactly."""
    found = compare(period, compared, store_ids, frozenset({"units"}))
    parts = found.parts(MEASURES)
    places = {str(place): place for side in parts for place in side}
    sides = [_sides(side, found.in_reporting) for side in parts]
    (sales0, rest0), (sales1, rest1) = sides
    split = price_volume_mix(sales0, sales1)
    before, after = split.before + rest0, split.after + rest1
    change = after - before
    nodes = [
        node("volume", None, None, split.volume, change),
        node("mix", None, None, split.mix_of(Presence.KEPT), change),
        node("new_skus", None, None, split.mix_of(Presence.NEW), change),
        node("lost_skus", None, None, split.mix_of(Presence.LOST), change),
        node("price", None, None, split.price, change),
        node("unit_cost", None, None, split.cost, change),
        node("exchange_rate", None, None, split.fx, change),
        node(WITHOUT_UNITS, rest0, rest1, rest1 - rest0, change),
    ]
    return {
        **found.head("price-volume-mix", "pvm"),
        "result": {"key": "cm2", "before": plain(before), "after": plain(after), "change": plain(change)},
        "nodes": nodes,
        "subtotals": [],
        "check": closed(nodes, change),
        "top_stores": [],
        "top_skus": largest(_of_skus(found, split, places, sales0, sales1, change)),
        "quality": found.quality("gross_margin_pct"),
    }


def _sides(parts: Mapping[Place, Mapping[str, Total]], in_reporting: bool) -> tuple[Sales, Fraction]:
    """What every SKU sold, and the money that belongs to no unit, in the currency of the report."""
    sales: Sales = {}
    rest = Fraction(0)
    for place, totals in parts.items():
        units = to_fraction(totals["units"].value or 0) if "units" in totals else Fraction(0)
        net = _pair(f.NET_SALES, totals, in_reporting)
        cost = _pair(f.NET_SALES - f.CM2, totals, in_reporting)
        live = _pair(_LIVE, totals, in_reporting)
        if units <= 0 or not place.sku or not live[0]:
            rest += net[1] - cost[1]
            continue
        rate = live[1] / live[0] if in_reporting else Fraction(1)
        # Fees and refunds convert at their own days' rates; the difference to the SKU's rate is a cost.
        drift = (net[0] - cost[0]) * rate - (net[1] - cost[1])
        sales[str(place)] = Sale(units, net[0] / units, drift / units, rate, cost[0] / units)
    return sales, rest


def _pair(formula: Linear, totals: Mapping[str, Total], in_reporting: bool) -> tuple[Fraction, Fraction]:
    """The formula in the shop's currency and in that of the report."""
    native = reported = Fraction(0)
    for sign, key in formula.terms:
        if (found := totals.get(key)) is None:
            continue
        if found.value is None or (in_reporting and found.reporting is None):
            raise refused("a sum is missing: fx_missing")
        native += sign * to_fraction(found.value)
        shown = found.reporting if in_reporting else found.value
        reported += sign * to_fraction(shown or 0)
    return native, reported


def _of_skus(
    found: Comparison,
    split: PVM,
    places: Mapping[str, Place],
    sales0: Sales,
    sales1: Sales,
    change: Fraction,
) -> list[Row]:
    names = names_of(found.stores)
    rows = []
    for key, effects in split.skus.items():
        place = places[key]
        before, after = (sales[key].margin if key in sales else None for sales in (sales0, sales1))
        rows.append(
            {
                **node(key, before, after, effects.total, change),
                "store": place.store_id,
                "sku": place.sku,
                "name": names[place.store_id],
                "branches": _branches(effects),
                "presence": effects.presence.value,
            }
        )
    return rows


def _branches(effects: SKUEffects) -> dict[str, str | None]:
    return {
        "mix": plain(effects.mix),
        "price": plain(effects.price),
        "unit_cost": plain(effects.cost),
        "exchange_rate": plain(effects.fx),
    }
