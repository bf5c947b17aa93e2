"""What a change of unit costs would do, before it is made: the change is made, measured and taken back."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.db import connection, transaction

from connectors.values import CostImpact

# What the units sold of some SKUs cost per store, day and currency by the sheets in force, as the roll-up
# finds them: the market's own before the general one, within it the channel's own.
_COST_OF_UNITS = """
CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS
SELECT u.store_id, u.business_on, u.sku, u.channel, u.units, s.id AS sheet_id, c.currency, c.amount
FROM (
  SELECT l.store_id, l.business_on, l.sku, l.channel, st.market, sum(l.quantity) AS units
  FROM fact_order_line l JOIN connectors_store st ON st.id = l.store_id
  WHERE l.sku = ANY(%(skus)s) AND l.status <> 'cancelled' AND NOT l.is_replacement
  GROUP BY l.store_id, l.business_on, l.sku, l.channel, st.market
) u
LEFT JOIN LATERAL (
  SELECT x.id FROM fact_cost_sheet x
  WHERE x.sku = u.sku AND x.market IN ('', u.market) AND x.channel IN ('', u.channel)
    AND x.effective_on <= u.business_on
  ORDER BY x.market = '', x.channel = '', x.effective_on DESC, x.version DESC LIMIT 1
) s ON true
LEFT JOIN LATERAL (
  SELECT currency, sum(amount) AS amount FROM fact_cost_line WHERE sheet_id = s.id GROUP BY currency
) c ON true
"""

_COMPARE = """
WITH pair AS (
  SELECT coalesce(a.store_id, b.store_id) AS store_id, coalesce(a.business_on, b.business_on) AS business_on,
         coalesce(a.sku, b.sku) AS sku, coalesce(a.channel, b.channel) AS channel,
         coalesce(a.units, b.units) AS units, coalesce(a.currency, b.currency) AS currency,
         b.amount AS before, a.amount AS after
  FROM cost_before b
  FULL JOIN cost_after a USING (store_id, business_on, sku, channel, currency)
  WHERE b.amount IS DISTINCT FROM a.amount AND coalesce(a.currency, b.currency) IS NOT NULL
)
SELECT p.store_id, p.currency, min(p.business_on), max(p.business_on), count(DISTINCT p.business_on),
       sum(p.units)::bigint,
       coalesce(sum(p.units) FILTER (WHERE NOT EXISTS (
         SELECT FROM cost_before k WHERE k.store_id = p.store_id AND k.business_on = p.business_on
           AND k.sku = p.sku AND k.channel = p.channel AND k.sheet_id IS NOT NULL)), 0)::bigint,
       round(coalesce(sum(p.units * p.before), 0), 4), round(coalesce(sum(p.units * p.after), 0), 4)
FROM pair p GROUP BY p.store_id, p.currency ORDER BY p.store_id, p.currency
"""


class _Undone(Exception):
    """Ends the trial; carries nothing."""


def preview_cost_change(*, skus: Collection[str], change: Callable[[], Any]) -> list[CostImpact]:
    """Return what `change` (a call that records sheets, lots or a rule) does to the units sold of `skus`.

    The change really runs and is rolled back, so the preview is what the change will do, its errors
    included. Nothing is left behind: neither rows, nor events, nor days to compute.
    """
    found: list[CostImpact] = []
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_COST_OF_UNITS.format(name="cost_before"), {"skus": list(skus)})
            change()
            with connection.cursor() as cursor:
                cursor.execute(_COST_OF_UNITS.format(name="cost_after"), {"skus": list(skus)})
                cursor.execute(_COMPARE)
                found = [CostImpact(*row) for row in cursor.fetchall()]
            raise _Undone
    except _Undone:
        return found
