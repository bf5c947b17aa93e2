"""The sales tree: visits × orders per visit × units per order × price × what discounts and refunds leave.

Each store is a sub-group of its own (visits of different platforms are never compared), split by LMDI; where
a factor is zero or below, by Shapley. A store that has nothing to split in one of the periods (no visits, no
orders) is named as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from config.lib.calendars import Period
from connectors.types import StoreRef
from kpis.catalog import formulas as f
from kpis.engine.decompose import lmdi, shapley
from kpis.engine.decompose.numbers import Number, Undecomposable, precisely, to_decimal
from kpis.engine.totals import MissingInput, Window
from kpis.selectors.decomposition.comparison import (
    Comparison,
    closed,
    compare,
    largest,
    node,
    plain,
    total,
)
from kpis.selectors.lines import Row

FACTORS = ("sessions", "orders_per_session", "units_per_order", "price_before_discount", "after_discount",
           "after_refunds", "exchange_rate")  # fmt: skip
MEASURES = frozenset({"sessions", "orders", "units", "live_sales", "refunds"})
_ASKED = ("discounts_given",)
WHOLE_STORES = "stores_without_traffic"


def get_sales(period: Period, compared: Period | None, store_ids: Sequence[int]) -> Row:
    """Return the split of the change of net sales; the contributions add up to it to ten decimals.

    `before` and `after` of a factor are those of all stores together (their product is not net sales when
    there are several stores: the mix of stores lies between, and every store is split on its own).
    """
    found = compare(period, compared, store_ids, MEASURES)
    net0, net1 = total(f.NET_SALES, found.before), total(f.NET_SALES, found.now)
    change = net1 - net0
    sums = dict.fromkeys((*FACTORS, WHOLE_STORES), Decimal(0))
    stores, methods = [], set()
    given = [_given(found, side) for side in (0, 1)]
    for store in found.stores:
        method, parts = _split(store, found, given)
        methods.add(method)
        with precisely():
            for key, part in parts.items():
                sums[key] += part
        stores.append(_of_store(store, found, parts, change))
    shown = [key for key, part in sums.items() if part or key in FACTORS[:-1]]
    first, last = (
        _overall(window, gave) for window, gave in zip((found.before, found.now), given, strict=True)
    )
    nodes = [node(key, first.get(key), last.get(key), sums[key], change) for key in shown]
    return {
        **found.head("sales", "+".join(sorted(methods)) or "lmdi"),
        "result": {"key": "net_sales", "before": plain(net0), "after": plain(net1), "change": plain(change)},
        "nodes": nodes,
        "subtotals": [],
        "check": closed(nodes, change),
        "top_stores": largest(stores),
        "top_skus": largest(_of_skus(found, change)),
        "quality": found.quality("conversion_rate"),
    }


def factors(
    window: Window, store: StoreRef, given: Decimal | None, in_reporting: bool
) -> dict[str, Number] | None:
    """The factors of one store; None where one of them has no value because what it divides by is zero."""
    native = Window(window.measures, window.stores, window.days, False)
    try:
        sessions, orders, units, live, refunds = (
            native.of_store(store.id, key) or Decimal(0)
            for key in ("sessions", "orders", "units", "live_sales", "refunds")
        )
        reported = window.of_store(store.id, "live_sales") or Decimal(0)
        kept = (window.of_store(store.id, "refunds") or Decimal(0)) + reported
    except MissingInput:
        return None
    if given is None or not all((sessions, orders, units, live, live + given, reported)):
        return None
    with precisely():
        # Refunds convert at other days' rates than sales do; the reporting side's own share closes the
        # product.
        after_refunds = kept / reported if in_reporting else (live + refunds) / live
        found: dict[str, Number] = {
            "sessions": sessions,
            "orders_per_session": orders / sessions,
            "units_per_order": units / orders,
            "price_before_discount": (live + given) / units,
            "after_discount": live / (live + given),
            "after_refunds": after_refunds,
        }
        if in_reporting:
            found["exchange_rate"] = reported / live
        return found


def _split(
    store: StoreRef, found: Comparison, given: Sequence[dict[int, Decimal | None]]
) -> tuple[str, dict[str, Decimal]]:
    sides = [
        factors(window, store, gave.get(store.id, Decimal(0)), found.in_reporting)
        for window, gave in zip((found.before, found.now), given, strict=True)
    ]
    before, after = sides
    change = total(f.NET_SALES, found.now.only(store.id)) - total(f.NET_SALES, found.before.only(store.id))
    if before is None or after is None:
        return "lmdi", {WHOLE_STORES: change}
    try:
        return "lmdi", dict(lmdi.additive(before, after).contributions)
    except Undecomposable:
        return "shapley", {key: to_decimal(part) for key, part in shapley.shapley(before, after).items()}


def _given(found: Comparison, side: int) -> dict[int, Decimal | None]:
    """Discounts per store in its own currency."""
    parts = found.parts(_ASKED, by_sku=False)[side]
    return {place.store_id: totals[_ASKED[0]].value for place, totals in parts.items()}


def _overall(window: Window, given: dict[int, Decimal | None]) -> dict[str, Number]:
    """The factors of all stores together, for show; the money ones only where no conversion plays a part."""
    sessions, orders, units = (window.total(key) for key in ("sessions", "orders", "units"))
    shown: dict[str, Number] = {"sessions": sessions}
    if sessions:
        shown["orders_per_session"] = orders / sessions
    if orders:
        shown["units_per_order"] = units / orders
    live, refunds = window.total("live_sales"), window.total("refunds")
    if live:
        shown["after_refunds"] = (live + refunds) / live
    gave = sum((value for value in given.values() if value is not None), Decimal(0))
    if not window.in_reporting and units and live + gave:
        shown["price_before_discount"] = (live + gave) / units
        shown["after_discount"] = live / (live + gave)
    return shown


def _of_store(store: StoreRef, found: Comparison, parts: dict[str, Decimal], change: Decimal) -> Row:
    before, after = (total(f.NET_SALES, window.only(store.id)) for window in (found.before, found.now))
    row = node(str(store.id), before, after, after - before, change)
    branches = {key: plain(part) for key, part in parts.items()}
    return {**row, "store": store.id, "sku": None, "name": store.name, "branches": branches}


def _of_skus(found: Comparison, change: Decimal) -> list[Row]:
    before, after = found.parts(f.NET_SALES.measures)
    rows = []
    for place in {**before, **after}:
        amounts = []
        for parts in (before, after):
            totals = parts.get(place, {})
            values = [each.reporting if found.in_reporting else each.value for each in totals.values()]
            amounts.append(None if None in values else sum((v for v in values if v is not None), Decimal(0)))
        if amounts[0] is not None and amounts[1] is not None:
            row = node(place.sku or "", amounts[0], amounts[1], amounts[1] - amounts[0], change)
            rows.append({**row, "store": place.store_id, "sku": place.sku or None, "name": ""})
    return rows
