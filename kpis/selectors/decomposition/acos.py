"""The ACoS tree: ACoS = cost per click ÷ (orders per click × sales per order), and what it may be at most."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from config.lib.calendars import Period
from kpis.catalog import formulas as f
from kpis.engine.decompose import lmdi
from kpis.engine.decompose.numbers import Number, Undecomposable, precisely, to_decimal
from kpis.engine.decompose.rate_mix import Part, rate_mix
from kpis.engine.totals import Total, Window
from kpis.selectors.decomposition.comparison import (
    Comparison,
    closed,
    compare,
    largest,
    names_of,
    node,
    plain,
    refused,
    total,
)
from kpis.selectors.drilldown import Parts, Place
from kpis.selectors.lines import Row
from kpis.selectors.plans import find_target

MEASURES = f.CM3.measures | {"ad_spend", "ad_sales", "ad_clicks"}
_ASKED = ("ad_orders_7d",)
_TARGET = "cm3_pct"


def get_acos(period: Period, compared: Period | None, store_ids: Sequence[int]) -> Row:
    """Return the split of the change of ACoS by LMDI, its rate and mix over SKUs, and its limits.

    A dearer click raises ACoS; more orders per click or more sales per order lower it. `limits` are those of
    the period: break-even ACoS = CM2/net sales, target ACoS = break-even − the target for CM3, dearest click
    = target ACoS × orders per click × sales per order.
    """
    found = compare(period, compared, store_ids, MEASURES)
    orders = [_orders(parts, found.in_reporting) for parts in found.parts(_ASKED, by_sku=False)]
    sides = [
        _factors(window, ordered) for window, ordered in zip((found.before, found.now), orders, strict=True)
    ]
    try:
        split = lmdi.additive(*sides)
    except Undecomposable as why:
        raise refused(str(why)) from why
    change = split.change
    nodes = [
        node(key, sides[0][key], sides[1][key], part, change) for key, part in split.contributions.items()
    ]
    skus = _rate_mix(found)
    return {
        **found.head("acos", "lmdi"),
        "result": {
            "key": "acos",
            "before": plain(split.before),
            "after": plain(split.after),
            "change": plain(change),
        },
        "nodes": nodes,
        "subtotals": [],
        "check": closed(nodes, change),
        "top_stores": [],
        "top_skus": skus,
        "limits": _limits(found, sides[1]),
        "quality": found.quality("acos"),
    }


def _factors(window: Window, orders: Decimal) -> dict[str, Number]:
    """Cost per click, and the reciprocals of orders per click and sales per order: their product is ACoS."""
    spend, sales, clicks = (window.total(key) for key in ("ad_spend", "ad_sales", "ad_clicks"))
    if not all((spend, sales, clicks, orders)):
        raise refused("without clicks, orders and sales of advertising there is no ACoS to split")
    with precisely():
        return {
            "cost_per_click": spend / clicks,
            "clicks_per_order": clicks / orders,
            "orders_per_sale": orders / sales,
        }


def _orders(parts: Mapping[Place, Mapping[str, Total]], in_reporting: bool) -> Decimal:
    return sum(
        (totals[_ASKED[0]].value or Decimal(0) for totals in parts.values() if _ASKED[0] in totals),
        Decimal(0),
    )


def _rate_mix(found: Comparison) -> list[Row]:
    """The SKUs that moved ACoS most: by their own rate and by their share of the sales."""
    before, after = (_by_place(parts, found.in_reporting) for parts in found.parts(("ad_spend", "ad_sales")))
    # A SKU with spend but no sale has no ratio of its own: such SKUs are told together, with the smallest
    # other ones until there is a sale among them in both periods.
    together = {place for side in (before, after) for place, part in side.items() if not part.denominator}
    ranked = sorted(
        {*before, *after}, key=lambda place: sum(_sales(side, {place}) for side in (before, after))
    )
    for place in ranked:
        if not together or all(_sales(side, together) for side in (before, after)):
            break
        together.add(place)
    try:
        split = rate_mix(_named(before, together), _named(after, together))
    except Undecomposable:
        return []
    places = {str(place): place for place in {*before, *after} - together}
    names = names_of(found.stores)
    return largest(
        [
            {
                **node(key, None, None, split.rate[key] + split.mix[key], split.after - split.before),
                "rate": plain(split.rate[key]),
                "mix": plain(split.mix[key]),
                "store": places[key].store_id if key in places else None,
                "sku": (places[key].sku or None) if key in places else None,
                "name": names[places[key].store_id] if key in places else "",
            }
            for key in split.rate
        ]
    )


def _by_place(parts: Parts, in_reporting: bool) -> dict[Place, Part]:
    return {
        place: Part(*(_amount(totals.get(key), in_reporting) for key in ("ad_sales", "ad_spend")))
        for place, totals in parts.items()
    }


def _sales(side: Mapping[Place, Part], places: Collection[Place]) -> Decimal:
    return sum((to_decimal(side[place].denominator) for place in places if place in side), Decimal(0))


def _named(side: Mapping[Place, Part], together: Collection[Place]) -> dict[str, Part]:
    rows = {str(place): part for place, part in side.items() if place not in together}
    rest = [part for place, part in side.items() if place in together]
    if rest:
        rows["other"] = Part(
            sum((to_decimal(part.denominator) for part in rest), Decimal(0)),
            sum((to_decimal(part.numerator) for part in rest), Decimal(0)),
        )
    return rows


def _amount(found: Total | None, in_reporting: bool) -> Decimal:
    value = None if found is None else found.reporting if in_reporting else found.value
    return value if value is not None else Decimal(0)


def _limits(found: Comparison, now: Mapping[str, Number]) -> Row:
    """Break-even, target and dearest click (K21); the target for CM3 is the store's own where it is one."""
    net, cm2 = total(f.NET_SALES, found.now), total(f.CM2, found.now)
    if net <= 0:
        return {"break_even_acos": None, "target_acos": None, "max_cost_per_click": None, "target_cm3": None,
                "tacos": None, "ad_share": None}  # fmt: skip
    break_even = cm2 / net
    aim = _target(found)
    target = None if aim is None else break_even - aim
    with precisely():
        sales_per_click = 1 / (Decimal(str(now["clicks_per_order"])) * Decimal(str(now["orders_per_sale"])))
    limit = target if target is not None else break_even
    spend, ad_sales = found.now.total("ad_spend"), found.now.total("ad_sales")
    return {
        "break_even_acos": plain(break_even),
        "target_cm3": plain(aim),
        "target_acos": plain(target),
        "max_cost_per_click": plain(max(limit, Decimal(0)) * sales_per_click),
        "tacos": plain(spend / net),
        "ad_share": plain(ad_sales / net),
    }


def _target(found: Comparison) -> Decimal | None:
    if len(found.stores) != 1:
        return None
    target = find_target(found.stores[0].id, _TARGET)
    return target.goal.target if target is not None else None
