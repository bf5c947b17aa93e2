"""Measures of what was sold, what came back and who visited."""

from __future__ import annotations

from connectors.types import Family
from kpis.engine.measures import FactSource, Measure
from kpis.types import Basis, Unit

# An order whose referral fee has not been charged yet is priced by the latest fee estimate of its SKUs. The
# charge carries the order's day as its cohort, so the same (store, day)s find it through the cohort index.
ORDER_LINES = FactSource(
    key="order_lines",
    table="fact_order_line",
    families=frozenset({Family.ORDERS, Family.COSTS, Family.CHARGES, Family.FEES}),
    uses_costs=True,
    cost_channel="r.channel",
    rows="""
  with line as materialized (
    select l.* from day d join fact_order_line l using (store_id, business_on)
    where l.store_id = any(%(store_set)s) and l.business_on = any(%(day_set)s)),
  charged as materialized (
    select distinct c.store_id, c.platform_order_id
    from day d join fact_charge c on c.store_id = d.store_id and c.cohort_on = d.business_on
    where c.kind = 'referral_fee' and c.store_id = any(%(store_set)s) and c.cohort_on = any(%(day_set)s)),
  estimate as materialized (
    select k.store_id, k.sku, e.currency as fee_currency,
           e.referral_amount + e.closing_amount as referral, e.fulfilment_amount as fulfilment
    from (select distinct store_id, sku from line) k
    cross join lateral (
      select f.* from fact_fee_estimate f where f.store_id = k.store_id and f.sku = k.sku
      order by f.estimated_on desc limit 1) e)
  select l.store_id, l.business_on, l.currency, l.sku, l.channel, l.platform_order_id, l.quantity,
         l.tax_amount as tax, l.gross_amount - l.tax_amount as price,
         l.discount_amount + l.points_amount as reductions,
         not l.is_replacement as is_sale,
         l.status <> 'cancelled' and not l.is_replacement as is_live,
         l.status = 'shipped' as is_shipped, c.platform_order_id is null as is_uncharged,
         e.referral, e.fulfilment
  from line l
  left join charged c on c.store_id = l.store_id and c.platform_order_id = l.platform_order_id
  left join estimate e on e.store_id = l.store_id and e.sku = l.sku and e.fee_currency = l.currency""",
)

RETURNS = FactSource(
    key="returns",
    table="fact_return",
    families=frozenset({Family.RETURNS, Family.COSTS}),
    uses_costs=True,
    rows="""
  select r.store_id, d.business_on, d.currency, r.sku, r.quantity,
         upper(r.disposition) = 'SELLABLE' as is_sellable
  from day d join fact_return r on r.store_id = d.store_id and r.cohort_on = d.business_on
  where r.store_id = any(%(store_set)s) and r.cohort_on = any(%(day_set)s)""",
)

TRAFFIC = FactSource(
    key="traffic",
    table="fact_traffic_day",
    families=frozenset({Family.TRAFFIC}),
    rows="""
  select t.store_id, t.business_on, d.currency, t.sessions, t.page_views, t.buy_box_share, t.units_ordered
  from day d join fact_traffic_day t using (store_id, business_on)
  where t.product_id = '' and t.store_id = any(%(store_set)s) and t.business_on = any(%(day_set)s)""",
)


def _order(key: str, unit: Unit, expression: str, meaning: str) -> Measure:
    return Measure(
        key=key, source="order_lines", unit=unit, basis=Basis.ORDER, expression=expression, meaning=meaning
    )


SALES_MEASURES = (
    _order(
        "gmv_ordered",
        Unit.MONEY,
        "sum(price * rate) filter (where is_sale)",
        "Price of all ordered goods ex tax, before discounts, later-cancelled ones included",
    ),
    _order("units", Unit.COUNT, "sum(quantity) filter (where is_live)", "Units of live lines"),
    _order(
        "orders",
        Unit.COUNT,
        "nullif(count(distinct platform_order_id) filter (where is_live), 0)",
        "Orders with a live line; an order has one business day, so days add up",
    ),
    _order(
        "live_sales",
        Unit.MONEY,
        "sum((price - reductions) * rate) filter (where is_live)",
        "Live lines ex tax, less seller-funded discounts and points, before refunds",
    ),
    _order(
        "cogs_sold",
        Unit.MONEY,
        "sum(quantity * unit_landed) filter (where is_live)",
        "Landed cost of the units sold, by the sheet in force on the order's day",
    ),
    _order(
        "unit_costs_other",
        Unit.MONEY,
        "sum(quantity * unit_other) filter (where is_live)",
        "Packaging, after-sales, local service and other unit costs of the units sold",
    ),
    _order(
        "units_with_cost",
        Unit.COUNT,
        "sum(quantity) filter (where is_live and unit_landed is not null)",
        "Units sold whose cost is known; against `units` the cost completeness",
    ),
    Measure(
        key="units_without_rate",
        source="order_lines",
        unit=Unit.COUNT,
        basis=Basis.ORDER,
        expression="nullif(sum(quantity) filter (where is_live and lacks_rate), 0)",
        meaning="Units sold whose cost sheet could not be converted for lack of an exchange rate",
        counts_missing_rates=True,
    ),
    _order(
        "platform_fees_estimated",
        Unit.MONEY,
        "sum(quantity * referral * rate) filter (where is_live and is_uncharged)",
        "Estimated referral and closing fees of orders not charged yet",
    ),
    _order(
        "fulfilment_fees_estimated",
        Unit.MONEY,
        "sum(quantity * fulfilment * rate) filter (where is_live and is_uncharged)",
        "Estimated fulfilment fees of orders not charged yet",
    ),
    _order(
        "units_uncharged",
        Unit.COUNT,
        "sum(quantity) filter (where is_live and is_uncharged)",
        "Units of orders whose referral fee was not charged yet: their fees are estimates",
    ),
    _order(
        "units_shipped",
        Unit.COUNT,
        "sum(quantity) filter (where is_live and is_shipped)",
        "Units of shipped live lines",
    ),
    Measure(
        key="units_returned",
        source="returns",
        unit=Unit.COUNT,
        basis=Basis.ORDER,
        expression="sum(quantity)",
        meaning="Units that came back, on the day their order was placed",
    ),
    Measure(
        key="cogs_returned",
        source="returns",
        unit=Unit.MONEY,
        basis=Basis.ORDER,
        expression="sum(quantity * unit_landed) filter (where is_sellable)",
        meaning="Landed cost of units that came back sellable, on the day their order was placed",
    ),
    Measure(
        key="sessions",
        source="traffic",
        unit=Unit.COUNT,
        basis=Basis.VISIT,
        expression="sum(sessions)",
        meaning="Visits of the store",
    ),
    Measure(
        key="traffic_units",
        source="traffic",
        unit=Unit.COUNT,
        basis=Basis.VISIT,
        expression="sum(units_ordered)",
        meaning="Units ordered as the traffic report counts them",
    ),
    Measure(
        key="buy_box_views",
        source="traffic",
        unit=Unit.COUNT,
        basis=Basis.VISIT,
        expression="sum(buy_box_share * page_views)",
        meaning="Page views on which our offer was the featured one",
    ),
    Measure(
        key="page_views",
        source="traffic",
        unit=Unit.COUNT,
        basis=Basis.VISIT,
        expression="sum(page_views) filter (where buy_box_share is not null)",
        meaning="Page views for which the share of the featured offer is known",
    ),
)
