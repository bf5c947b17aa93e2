"""How completely the costs of what was sold are known, and what to mend first.

A unit sold earns points for each part of its cost that its sheet knows; a line that stands there with 0 is
known. Duty and import tax only count where a part of the cost is paid in another currency than the store's,
which is how goods from abroad show themselves. The score of a store is the mean over its units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from django.db import connection

from config.lib import clock
from config.lib.money import Money
from connectors.types import CostLine, StoreRef
from connectors.values import CostGap, CostScore

DAYS = 30
LEAST_SHARE = Decimal("0.95")
_MOST_GAPS = 50

# Points of 100 per part of the cost: without the purchase price the rest is worth little.
WEIGHTS: Mapping[str, int] = {
    "purchase": 50,
    "first_leg": 15,
    "duty": 10,
    "import_tax": 10,
    "inbound": 5,
    "packaging": 5,
    "after_sales": 5,
}
_ABROAD = frozenset({CostLine.DUTY.value, CostLine.IMPORT_TAX.value})

_SOLD = """
SELECT u.sku, sum(u.units)::bigint, sum(u.sales), max(u.currency),
       s.id IS NOT NULL, coalesce(c.lines, '{}'), coalesce(c.currencies, '{}')
FROM (
  SELECT l.sku, l.channel, l.business_on, sum(l.quantity) AS units,
         sum(l.gross_amount - l.tax_amount) AS sales, max(l.currency) AS currency
  FROM fact_order_line l
  WHERE l.store_id = %(store)s AND l.business_on BETWEEN %(first)s AND %(last)s
    AND l.status <> 'cancelled' AND NOT l.is_replacement
  GROUP BY l.sku, l.channel, l.business_on
) u
LEFT JOIN LATERAL (
  SELECT x.id FROM fact_cost_sheet x
  WHERE x.sku = u.sku AND x.market IN ('', %(market)s) AND x.channel IN ('', u.channel)
    AND x.effective_on <= u.business_on
  ORDER BY x.market = '', x.channel = '', x.effective_on DESC, x.version DESC LIMIT 1
) s ON true
LEFT JOIN LATERAL (
  SELECT array_agg(line::text ORDER BY line) AS lines, array_agg(DISTINCT currency::text) AS currencies
  FROM fact_cost_line WHERE sheet_id = s.id
) c ON true
GROUP BY u.sku, s.id, c.lines, c.currencies
HAVING sum(u.units) > 0
"""


def list_cost_scores(stores: Sequence[StoreRef]) -> list[CostScore]:
    """Return the score of each store over the units sold in the last 30 shop days, today included."""
    return [_score(store) for store in stores]


def points_of(
    lines: frozenset[str], currencies: frozenset[str], currency: str
) -> tuple[Decimal, tuple[str, ...]]:
    """Return the points of 100 that a sheet with these lines earns, and the parts that are missing."""
    is_abroad = bool(currencies - {currency}) or not lines
    counted = {part: weight for part, weight in WEIGHTS.items() if is_abroad or part not in _ABROAD}
    missing = tuple(part for part in counted if part not in lines)
    lost = sum(counted[part] for part in missing)
    return Decimal(100) * (sum(counted.values()) - lost) / sum(counted.values()), missing


def _score(store: StoreRef) -> CostScore:
    last = clock.today(store.time_zone)
    with connection.cursor() as cursor:
        cursor.execute(
            _SOLD,
            {
                "store": store.id,
                "market": store.market,
                "first": last - timedelta(days=DAYS - 1),
                "last": last,
            },
        )
        rows = cursor.fetchall()
    units = with_cost = 0
    earned = Decimal(0)
    gaps: dict[str, CostGap] = {}
    for sku, sold, sales, currency, has_sheet, lines, currencies in rows:
        units += sold
        with_cost += sold if has_sheet else 0
        points, missing = points_of(frozenset(lines), frozenset(currencies), store.currency)
        earned += sold * points
        if missing:
            former = gaps.get(sku)
            gaps[sku] = CostGap(
                sku,
                sold + (former.units if former else 0),
                Money(sales + (former.sales.amount if former else 0), currency),
                tuple(part for part in WEIGHTS if part in missing or (former and part in former.missing)),
            )
    first = sorted(gaps.values(), key=lambda gap: (-gap.sales.amount, gap.sku))
    share = Decimal(with_cost) / units if units else None
    return CostScore(
        store.id,
        round(earned / units, 2) if units else None,
        units,
        round(share, 6) if share is not None else None,
        share is not None and share >= LEAST_SHARE,
        tuple(first[:_MOST_GAPS]),
    )
