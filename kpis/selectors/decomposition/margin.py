"""The margin waterfall: from the price buyers paid to the contribution after advertising, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from config.lib.calendars import Period
from connectors.types import StoreRef
from kpis.catalog import formulas as f
from kpis.catalog.drill import LANDED
from kpis.engine.decompose.margin_walk import margin_walk
from kpis.engine.decompose.numbers import Number, Undecomposable, to_fraction
from kpis.engine.linear import Linear, measure
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
from kpis.selectors.drilldown import Place, list_cost_lines
from kpis.selectors.lines import Row

# What is taken off net sales, in the order of the tree, and the subtotal each group ends in.
GROUPS: tuple[tuple[str, tuple[tuple[str, Linear], ...]], ...] = (
    ("cm1", (("landed_cost", f.COGS),)),
    (
        "cm2",
        (
            ("platform_fees", f.PLATFORM_FEES),
            ("fulfilment_fees", f.FULFILMENT_FEES),
            ("storage_fees", f.STORAGE_FEES),
            ("return_fees", f.RETURN_FEES),
            ("other_unit_costs", f.UNIT_COSTS_OTHER),
        ),
    ),
    ("cm3", (("ad_spend", f.AD_SPEND),)),
)
COSTS: Mapping[str, Linear] = {key: formula for _, lines in GROUPS for key, formula in lines}
# What lies between CM3 and the net margin; it is told below the result and is no part of its change.
BELOW: Mapping[str, Linear] = {key: measure(key) for key in ("overhead", "fx_losses", "non_creditable_tax")}
MEASURES = f.CM3.measures | {"live_sales", "refunds"} | BELOW.keys()
_ASKED = ("tax_paid", "discounts_given")


def get_margin(period: Period, compared: Period | None, store_ids: Sequence[int]) -> Row:
    """Return the waterfall of both periods and the walk between them.

    `contribution` is what a line did to CM3 in money, `points` what it did to CM3 as a share of net sales
    (0.01 is one percentage point); lines above net sales move only money. Both add up to the change exactly.
    """
    found = compare(period, compared, store_ids, MEASURES)
    net0, net1 = total(f.NET_SALES, found.before), total(f.NET_SALES, found.now)
    costs0, costs1 = _costs(found.before), _costs(found.now)
    try:
        walk = margin_walk(net0, costs0, net1, costs1)
    except Undecomposable as why:
        raise refused(str(why)) from why
    change = walk.total_money
    heads = _down_to_net_sales(found, change)
    lines = [
        node(key, -costs0[key], -costs1[key], walk.money[key], change, points=walk.points[key])
        for key in COSTS
    ]
    below = [_below(key, formula, found, change) for key, formula in BELOW.items()]
    return {
        **found.head("margin", "margin_walk"),
        "result": {
            "key": "cm3_pct",
            "before": plain(walk.before),
            "after": plain(walk.after),
            "change": plain(walk.after - walk.before),
            "money_before": plain(net0 - sum(costs0.values())),
            "money_after": plain(net1 - sum(costs1.values())),
        },
        "nodes": [*heads, *lines],
        "below": [each for each in below if each["before"] != "0" or each["after"] != "0"],
        "cost_lines": _cost_lines(found, change),
        "subtotals": _subtotals(net0, costs0, net1, costs1),
        "check": {
            **closed([*heads, *lines], change),
            "points": plain(walk.total_points),
        },
        "top_stores": largest([_of_store(found, store, change) for store in found.stores]),
        "top_skus": largest(_of_skus(found, change)),
        "quality": found.quality("cm3_pct"),
    }


def _costs(window: Window) -> dict[str, Decimal]:
    return {key: total(formula, window) for key, formula in COSTS.items()}


def _down_to_net_sales(found: Comparison, change: Number) -> list[Row]:
    """Price paid, tax, discounts and refunds: what lies between the buyer's money and net sales."""
    sides = []
    parts = found.parts(_ASKED, by_sku=False)
    for window, asked in zip((found.before, found.now), parts, strict=True):
        tax, given = (_asked(asked, key, window.in_reporting) for key in _ASKED)
        live, refunds = window.total("live_sales"), window.total("refunds")
        sides.append({"price_paid": live + given + tax, "tax": -tax, "discounts": -given, "refunds": refunds})
    before, after = sides
    return [node(key, before[key], after[key], after[key] - before[key], change) for key in before]


def _asked(parts: Mapping[Place, Mapping[str, Total]], key: str, in_reporting: bool) -> Decimal:
    values = [
        total_.reporting if in_reporting else total_.value
        for totals in parts.values()
        if (total_ := totals.get(key)) is not None
    ]
    if any(value is None for value in values):
        raise refused("a sum is missing: fx_missing")
    return sum((value for value in values if value is not None), Decimal(0))


def _subtotals(
    net0: Decimal, costs0: Mapping[str, Decimal], net1: Decimal, costs1: Mapping[str, Decimal]
) -> list[Row]:
    """Net sales and the margins below it, in money and as shares of net sales."""
    rows = [_subtotal("net_sales", net0, net1, net0, net1)]
    left0, left1 = net0, net1
    for key, lines in GROUPS:
        left0 -= sum((costs0[line] for line, _ in lines), Decimal(0))
        left1 -= sum((costs1[line] for line, _ in lines), Decimal(0))
        rows.append(_subtotal(key, left0, left1, net0, net1))
    return rows


def _subtotal(key: str, left0: Decimal, left1: Decimal, net0: Decimal, net1: Decimal) -> Row:
    return {
        "key": key,
        "before": plain(left0),
        "after": plain(left1),
        "before_share": plain(left0 / net0),
        "after_share": plain(left1 / net1),
    }


def _below(key: str, formula: Linear, found: Comparison, change: Number) -> Row:
    before, after = -total(formula, found.before), -total(formula, found.now)
    return node(key, before, after, after - before, change)


def _cost_lines(found: Comparison, change: Number) -> list[Row]:
    """The landed cost and the other unit costs by the lines of their sheets: purchase, freight, duty …"""
    sides: list[dict[str, Decimal]] = []
    for span in (found.compare, found.period):
        sums: dict[str, Decimal] = {}
        for totals in list_cost_lines(found.stores, span.start, span.end).values():
            for line, amount in totals.items():
                value = amount.reporting if found.in_reporting else amount.value
                sums[line] = sums.get(line, Decimal(0)) + (value or Decimal(0))
        sides.append(sums)
    before, after = sides
    order = {line: n for n, line in enumerate(LANDED)}
    lines = sorted({**before, **after}, key=lambda line: (order.get(line, len(order)), line))
    net0, net1 = total(f.NET_SALES, found.before), total(f.NET_SALES, found.now)
    rows = []
    for line in lines:
        c0, c1 = before.get(line, Decimal(0)), after.get(line, Decimal(0))
        row = node(
            line,
            -c0,
            -c1,
            c0 - c1,
            change,
            points=to_fraction(c0) / to_fraction(net0) - to_fraction(c1) / to_fraction(net1),
        )
        rows.append({**row, "of": "landed_cost" if line in order else "other_unit_costs"})
    return rows


def _of_store(found: Comparison, store: StoreRef, change: Number) -> Row:
    before, after = (total(f.CM3, window.only(store.id)) for window in (found.before, found.now))
    row = node(str(store.id), before, after, after - before, change)
    return {**row, "store": store.id, "sku": None, "name": store.name}


def _of_skus(found: Comparison, change: Number) -> list[Row]:
    """CM3 of every SKU; what belongs to no SKU (subscriptions, storage) is one entry per store."""
    before, after = found.parts(f.CM3.measures)
    names = names_of(found.stores)
    rows = []
    for place in {**before, **after}:
        sides = [_linear(f.CM3, parts.get(place, {}), found.in_reporting) for parts in (before, after)]
        if sides[0] is None or sides[1] is None:
            continue
        row = node(place.sku or "", sides[0], sides[1], sides[1] - sides[0], change)
        rows.append({**row, "store": place.store_id, "sku": place.sku or None, "name": names[place.store_id]})
    return rows


def _linear(formula: Linear, totals: Mapping[str, Total], in_reporting: bool) -> Decimal | None:
    """The formula over one place; None when a rate was missing."""
    value = Decimal(0)
    for sign, key in formula.terms:
        if (found := totals.get(key)) is not None:
            amount = found.reporting if in_reporting else found.value
            if amount is None:
                return None
            value += sign * amount
    return value
