"""Which unit costs are known, and how much of what was sold they cover."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db import connection
from django.db.models import QuerySet

from config.lib.errors import NotFound
from config.lib.money import Money
from connectors.facts.costs import CostSheet, CostSheetLine
from connectors.registry import PLATFORMS
from connectors.types import CostLine
from connectors.values import CostCompleteness, CostSheetView

_MISSING_SHOWN = 100

# A sheet of the store's own market and one for every market count alike here: either is a cost.
_COMPLETENESS = """
SELECT l.store_id, sum(l.quantity), sum(l.quantity) FILTER (WHERE has_cost),
  (array_agg(DISTINCT l.sku ORDER BY l.sku) FILTER (WHERE NOT has_cost))[1:%(shown)s]
FROM (
  SELECT l.store_id, l.sku, l.quantity, EXISTS (
    SELECT FROM fact_cost_sheet c
    WHERE c.sku = l.sku AND c.market IN ('', s.market) AND c.channel IN ('', l.channel)
      AND c.effective_on <= l.business_on
  ) AS has_cost
  FROM fact_order_line l JOIN connectors_store s ON s.id = l.store_id
  WHERE l.store_id = ANY(%(stores)s) AND l.business_on BETWEEN %(first)s AND %(last)s
    AND l.status <> 'cancelled' AND NOT l.is_replacement
) l GROUP BY l.store_id
"""


def known_markets() -> frozenset[str]:
    """Return the markets of all platforms, two letters each."""
    return frozenset(
        place.market for spec in PLATFORMS.all().values() for place in spec.marketplaces.values()
    )


def current_sheets(skus: Collection[str]) -> list[CostSheetView]:
    """Return the sheets in force of these SKUs: of each market, channel and day, the highest version."""
    rows = (
        CostSheet.objects.filter(sku__in=list(skus))
        .order_by("sku", "market", "channel", "effective_on", "-version")
        .distinct("sku", "market", "channel", "effective_on")
    )
    return with_lines(rows)


def get_cost_sheet(sheet_id: int) -> CostSheetView:
    """Return one sheet with its lines; `NotFound` if there is none of this id."""
    sheets = with_lines(CostSheet.objects.filter(pk=sheet_id))
    if not sheets:
        raise NotFound(f"there is no cost sheet {sheet_id}")
    return sheets[0]


def find_sheet_in_force(*, sku: str, market: str, channel: str, on: date) -> CostSheetView | None:
    """Return the sheet by which a unit sold on a day is costed; None when there is none yet.

    The market's own goes before the general one, and within a market the channel's own.
    """
    found = [
        view
        for view in current_sheets({sku})
        if view.market in {"", market} and view.channel in {"", channel} and view.effective_on <= on
    ]
    return max(found, key=lambda v: (v.market != "", v.channel != "", v.effective_on), default=None)


def cost_sheets_query(
    *, sku: str | None = None, market: str | None = None, effective_on: date | None = None
) -> QuerySet[CostSheet]:
    """The rows of the cost sheet list, for paging; `effective_on` keeps those that begin on or before it."""
    rows = CostSheet.objects.all()
    if sku is not None:
        rows = rows.filter(sku=sku)
    if market is not None:
        rows = rows.filter(market=market)
    if effective_on is not None:
        rows = rows.filter(effective_on__lte=effective_on)
    return rows


def with_lines(rows: Iterable[CostSheet]) -> list[CostSheetView]:
    """Return the sheets as values, their lines read in one query."""
    sheets = list(rows)
    lines: dict[int, dict[CostLine, Money]] = {sheet.pk: {} for sheet in sheets}
    for line in CostSheetLine.objects.filter(sheet_id__in=lines).order_by("id"):
        lines[line.sheet_id][CostLine(line.line)] = Money(line.amount, line.currency)
    return [
        CostSheetView(
            id=sheet.pk,
            sku=sheet.sku,
            market=sheet.market,
            effective_on=sheet.effective_on,
            version=sheet.version,
            source=sheet.source,
            recorded_at=sheet.recorded_at,
            lines=lines[sheet.pk],
            channel=sheet.channel,
        )
        for sheet in sheets
    ]


def list_cost_completeness(store_ids: Collection[int], first: date, last: date) -> list[CostCompleteness]:
    """Return per store how many of the units sold in these shop days (both included) have a unit cost.

    Cancelled lines and replacements are no sales. Up to a hundred SKUs without a cost are named.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _COMPLETENESS,
            {"stores": sorted(store_ids), "first": first, "last": last, "shown": _MISSING_SHOWN},
        )
        found = {row[0]: row for row in cursor.fetchall()}
    result = []
    for store_id in sorted(store_ids):
        _, units, covered, missing = found.get(store_id, (store_id, 0, 0, None))
        result.append(CostCompleteness(store_id, units, covered or 0, tuple(missing or ())))
    return result
