"""Measures of what was sold, what came back and who visited."""

from __future__ import annotations

from connectors.types import Family
from kpis.engine.measures import FactSource, Measure, OverDays, OverStores
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
  select l.store_id, l.business_on, l.currency, l.sku, l.platform_order_id, l.quantity, l.channel,
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

# The fulfilment fee of an order stays paid when units of it come back: the share of them that did.
RETURNED_FULFILMENT = FactSource(
    key="returned_fulfilment",
    table="fact_charge",
    families=frozenset({Family.RETURNS, Family.CHARGES, Family.ORDERS}),
    rows="""
  with back as materialized (
    select r.store_id, r.cohort_on as business_on, r.platform_order_id, sum(r.quantity) as units
    from fact_return r
    where r.store_id = any(%(store_set)s) and r.cohort_on = any(%(day_set)s)
    group by r.store_id, r.cohort_on, r.platform_order_id),
  sold as materialized (
    select l.store_id, l.business_on, l.platform_order_id, sum(l.quantity) as units
    from back b join fact_order_line l using (store_id, business_on, platform_order_id)
    where l.status <> 'cancelled' and not l.is_replacement
      and l.store_id = any(%(store_set)s) and l.business_on = any(%(day_set)s)
    group by l.store_id, l.business_on, l.platform_order_id
    having sum(l.quantity) > 0)
  select c.store_id, d.business_on, c.currency, -c.amount * least(b.units::numeric / s.units, 1) as amount
  from day d
  join fact_charge c on c.store_id = d.store_id and c.cohort_on = d.business_on
  join back b on b.store_id = c.store_id and b.business_on = d.business_on
    and b.platform_order_id = c.platform_order_id
  join sold s on s.store_id = c.store_id and s.business_on = d.business_on
    and s.platform_order_id = c.platform_order_id
  where c.kind = 'fulfilment_fee' and c.store_id = any(%(store_set)s) and c.cohort_on = any(%(day_set)s)""",
)

FUNNEL = FactSource(
    key="funnel",
    table="fact_funnel_day",
    families=frozenset({Family.FUNNEL}),
    rows="""
  select f.store_id, f.business_on, d.currency, f.sessions, f.cart_sessions, f.checkouts_started,
         f.checkouts_completed, f.orders
  from day d join fact_funnel_day f using (store_id, business_on)
  where f.store_id = any(%(store_set)s) and f.business_on = any(%(day_set)s)""",
)

# A SKU that is ranked in several sub-categories counts with its best rank.
RANKS = FactSource(
    key="ranks",
    table="fact_rank_day",
    families=frozenset({Family.RANKS}),
    rows="""
  select r.store_id, r.business_on, min(d.currency) as currency, r.sku, min(r.rank) as best
  from day d join fact_rank_day r using (store_id, business_on)
  where r.store_id = any(%(store_set)s) and r.business_on = any(%(day_set)s)
  group by r.store_id, r.business_on, r.sku""",
)

# The first day of a SKU is the earlier of its listing's own and of the event that says so.
_FIRST_LIVE = """
    select x.store_id, x.sku, min(x.live_on) as business_on
    from (select g.store_id, g.sku, g.opened_on as live_on from fact_listing g where g.opened_on is not null
          union all
          select e.store_id, e.sku, e.business_on from fact_event e
          where e.kind = 'listing_live' and e.sku <> '') x
    where x.store_id = any(%(store_set)s)
    group by x.store_id, x.sku"""

NEW_LISTINGS = FactSource(
    key="new_listings",
    table="fact_listing",
    families=frozenset({Family.LISTINGS, Family.EVENTS}),
    rows=f"""
  select f.store_id, d.business_on, d.currency, f.sku
  from day d join ({_FIRST_LIVE}) f using (store_id, business_on)
  where d.business_on = any(%(day_set)s)""",  # noqa: S608 - a constant
    also_days=f"""
  select store_id, business_on from ({_FIRST_LIVE}) f
  union
  select store_id, business_on from kpis_daily_measure
  where known_to is null and measure = 'new_listings' and store_id = any(%(store_set)s)""",  # noqa: S608 - a constant
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
    _order(
        "platform_units_shipped",
        Unit.COUNT,
        "sum(quantity) filter (where is_live and is_shipped and channel = 'platform')",
        "Units of live lines shipped from the platform's warehouses",
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
        key="unsellable_write_off",
        source="returns",
        unit=Unit.MONEY,
        basis=Basis.ORDER,
        expression="sum(quantity * unit_landed) filter (where not is_sellable)",
        meaning="Landed cost of units that came back and cannot be sold again, on the order's day",
    ),
    Measure(
        key="fulfilment_of_returns",
        source="returned_fulfilment",
        unit=Unit.MONEY,
        basis=Basis.ORDER,
        expression="sum(amount * rate)",
        meaning="Fulfilment fees of the units that came back, which stay paid, on the order's day",
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
    Measure(
        key="funnel_sessions",
        source="funnel",
        unit=Unit.COUNT,
        basis=Basis.VISIT,
        expression="sum(sessions)",
        meaning="Visits of the own shop",
    ),
    Measure(
        key="cart_sessions",
        source="funnel",
        unit=Unit.COUNT,
        basis=Basis.VISIT,
        expression="sum(cart_sessions)",
        meaning="Visits in which something was put into the cart",
    ),
    Measure(
        key="checkouts_started",
        source="funnel",
        unit=Unit.COUNT,
        basis=Basis.VISIT,
        expression="sum(checkouts_started)",
        meaning="Checkouts begun",
    ),
    Measure(
        key="checkouts_completed",
        source="funnel",
        unit=Unit.COUNT,
        basis=Basis.VISIT,
        expression="sum(checkouts_completed)",
        meaning="Checkouts completed",
    ),
    Measure(
        key="funnel_orders",
        source="funnel",
        unit=Unit.COUNT,
        basis=Basis.VISIT,
        expression="sum(orders)",
        meaning="Orders of the own shop as its own analytics count them",
    ),
    Measure(
        key="bsr_rank",
        source="ranks",
        unit=Unit.RANK,
        basis=Basis.SNAPSHOT,
        expression="percentile_cont(0.5) within group (order by best)",
        meaning="Median over the SKUs ranked on the day of each one's best rank",
        over_days=OverDays.LAST,
        over_stores=OverStores.WORST,
    ),
    Measure(
        key="new_listings",
        source="new_listings",
        unit=Unit.COUNT,
        basis=Basis.OBSERVED,
        expression="count(*)",
        meaning="SKUs that were live for the first time",
    ),
)
