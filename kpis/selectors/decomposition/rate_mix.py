"""Rate and mix of any ratio: did it move inside the stores (or SKUs), or because others weigh more now?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from config.lib.calendars import Period
from config.lib.errors import FieldError, Invalid
from kpis.catalog.drill import drills_by_sku
from kpis.engine.decompose.numbers import Undecomposable
from kpis.engine.decompose.rate_mix import Part, rate_mix
from kpis.engine.definitions import Ratio, Snapshot
from kpis.engine.linear import Linear
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
from kpis.selectors.lines import Row
from kpis.selectors.series import get_kpi


def get_rate_mix(
    period: Period, compared: Period | None, store_ids: Sequence[int], *, kpi_key: str, by_sku: bool = False
) -> Row:
    """Return what rate and mix did to a ratio, in all and for the five parts that did most.

    `NotFound` for an unknown KPI, `Invalid` for one that is no ratio of sums or cannot be told by SKU.
    """
    kpi = get_kpi(kpi_key)
    if not isinstance(kpi, Ratio) or isinstance(kpi, Snapshot):
        raise _unfit(f"{kpi_key} is not a ratio of sums, so it has no rate and mix", "kpi")
    if by_sku and not all(drills_by_sku(key) for key in kpi.measures):
        raise _unfit(f"{kpi_key} is not known by SKU; ask by store", "by")
    found = compare(period, compared, store_ids, kpi.measures)
    sides = _by_sku(found, kpi) if by_sku else _by_store(found, kpi)
    try:
        split = rate_mix(*sides)
    except Undecomposable as why:
        raise refused(str(why)) from why
    change = split.after - split.before
    nodes = [
        node("rate", None, None, split.rate_total, change, points=split.rate_total),
        node("mix", None, None, split.mix_total, change, points=split.mix_total),
    ]
    names = names_of(found.stores)
    parts = [
        {
            **node(key, _rate(sides[0].get(key)), _rate(sides[1].get(key)), rate + split.mix[key], change),
            "rate": plain(rate),
            "mix": plain(split.mix[key]),
            "store": int(key.split("/", 1)[0]),
            "sku": (key.split("/", 1)[1] or None) if by_sku else None,
            "name": names[int(key.split("/", 1)[0])],
        }
        for key, rate in split.rate.items()
    ]
    return {
        **found.head("rate-mix", "rate_mix"),
        "result": {
            "key": kpi_key,
            "before": plain(split.before),
            "after": plain(split.after),
            "change": plain(change),
        },
        "nodes": nodes,
        "subtotals": [],
        "check": closed(nodes, change),
        "top_stores": [] if by_sku else largest(parts),
        "top_skus": largest(parts) if by_sku else [],
        "quality": found.quality(kpi_key),
    }


def _unfit(why: str, parameter: str) -> Invalid:
    return Invalid(why, errors=[FieldError("", why, "not_decomposable", parameter=parameter)])


def _by_store(found: Comparison, kpi: Ratio) -> list[dict[str, Part]]:
    sides = []
    for window in (found.before, found.now):
        rows = {}
        for store in found.stores:
            totals = window.stores[store.id].totals if store.id in window.stores else {}
            rows[str(store.id)] = _part(kpi, totals, found.in_reporting)
        sides.append(rows)
    return sides


def _by_sku(found: Comparison, kpi: Ratio) -> list[dict[str, Part]]:
    return [
        {str(place): _part(kpi, totals, found.in_reporting) for place, totals in side.items()}
        for side in found.parts(kpi.measures)
    ]


def _part(kpi: Ratio, totals: Mapping[str, Total], in_reporting: bool) -> Part:
    return Part(*(_amount(side, totals, in_reporting) for side in (kpi.denominator, kpi.numerator)))


def _amount(formula: Linear, totals: Mapping[str, Total], in_reporting: bool) -> Decimal:
    value = Decimal(0)
    for sign, key in formula.terms:
        if (total := totals.get(key)) is not None:
            shown = total.reporting if in_reporting and total.reporting is not None else total.value
            if shown is None:
                raise refused("a sum is missing: fx_missing")
            value += sign * shown
    return value


def _rate(part: Part | None) -> Decimal | None:
    if part is None or not part.denominator:
        return None
    return Decimal(str(part.numerator)) / Decimal(str(part.denominator))
