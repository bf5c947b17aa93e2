"""Which earlier days a page reaches back to: orders found late for charges and returns, and fee estimates."""

# ruff: noqa: S608 - the names in the SQL are those of our own tables.

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db import connection

from connectors.services.statements import sets_in
from connectors.services.tables import TABLES, TableSpec
from connectors.types import ChargeKind, Family, FeeEstimateRecord, OrderLineRecord

_ORDERS = TABLES[OrderLineRecord]
_FEES = TABLES[FeeEstimateRecord]
_WITH_COHORT = tuple(spec for spec in TABLES.values() if spec.has_cohort)


def resolve_cohorts(*, store_id: int, orders: str) -> Iterator[tuple[Family, date]]:
    """Give charges and returns of `orders` (see `Batch.sets`) their order's day; yields the days that moved.

    The other direction (a charge that arrives after its order) is part of the charge's own upsert. Until an
    order is known a charge counts on its posted day, so that day is out of date as well.
    """
    with connection.cursor() as cursor:
        for spec in _WITH_COHORT:
            cursor.execute(_resolve(spec), {"store_id": store_id, "orders": orders})
            yield from ((spec.family, day) for (day,) in cursor.fetchall())


def _resolve(spec: TableSpec) -> str:
    # Most new orders have neither charges nor returns yet, so these are looked up first.
    return f"""
WITH touched AS (
  SELECT id, platform_order_id, business_on, cohort_on FROM {spec.table}
  WHERE store_id = %(store_id)s AND platform_order_id = ANY({sets_in("%(orders)s")})
), orders AS (
  SELECT platform_order_id, min(business_on) AS cohort_on FROM {_ORDERS.table}
  WHERE store_id = %(store_id)s AND platform_order_id IN (SELECT platform_order_id FROM touched)
  GROUP BY platform_order_id
), moving AS (
  SELECT t.id, t.business_on, t.cohort_on AS old_on, o.cohort_on AS new_on
  FROM touched t JOIN orders o USING (platform_order_id)
  WHERE t.cohort_on IS DISTINCT FROM o.cohort_on
), moved AS (
  UPDATE {spec.table} f SET cohort_on = m.new_on FROM moving m WHERE f.id = m.id
)
SELECT business_on FROM moving
UNION SELECT new_on FROM moving
UNION SELECT old_on FROM moving WHERE old_on IS NOT NULL
"""


def days_awaiting_fees(*, store_id: int) -> Iterator[tuple[Family, date]]:
    """Yield the days with live orders of the staged SKUs that the platform has not charged a fee for yet.

    Their fees are estimated, so a new estimate changes them although no order did.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT l.business_on FROM {_ORDERS.table} l "
            f"WHERE l.store_id = %(store_id)s AND l.sku IN (SELECT sku FROM {_FEES.stage}) "
            "AND l.status <> 'cancelled' AND NOT EXISTS (SELECT FROM fact_charge c "
            "WHERE c.store_id = l.store_id AND c.platform_order_id = l.platform_order_id "
            "AND c.kind = %(kind)s)",
            {"store_id": store_id, "kind": ChargeKind.REFERRAL_FEE.value},
        )
        yield from ((Family.FEES, day) for (day,) in cursor.fetchall())
