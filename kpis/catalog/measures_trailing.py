"""Measures that look back over many days, because what they count does not add up over days.

Each is computed on reference days (see `kpis.engine.measures.FactSource.trailing_days`). Facts are first
summed per SKU and day and then spread to the reference days that see them by an equality join: a year of
weeks costs a few times its days, not days times weeks.
"""

from __future__ import annotations

from connectors.types import Family
from kpis.engine.histogram import DAYS, Histogram, histogram
from kpis.engine.measures import FactSource, Measure, OverDays
from kpis.types import Basis, Unit

MONTH, QUARTER, YEAR = 30, 90, 365

REPLENISHMENT = Histogram("replenishment_days", DAYS)
RECEIVING = Histogram("receiving_days", DAYS)

_ACTIVE_LISTINGS = """(
    select s.store_id, exists (select from fact_listing x where x.store_id = s.store_id) as has_listings
    from (select distinct store_id from day) s)"""


def reach(days: int) -> str:
    """CTEs `reach` (which reference days see a fact's day) and `seen` (the facts' days, as an array)."""
    return f"""
  reach as materialized (
    select d.store_id, d.business_on, d.business_on - n as fact_on
    from day d cross join generate_series(0, {days - 1}) n),
  seen as materialized (select array_agg(distinct fact_on) as days from reach)"""  # noqa: S608 - a constant


# A SKU's speed is the faster of 7 and 30 days, days without stock left out.
SKU_ACTIVITY = FactSource(
    key="sku_activity",
    table="fact_inventory_day",
    families=frozenset({Family.ORDERS, Family.INVENTORY, Family.LISTINGS, Family.TRAFFIC}),
    trailing_days=MONTH,
    rows=f"""
  with {reach(MONTH)},
  sold as materialized (
    select l.store_id, l.sku, l.business_on as fact_on, sum(l.quantity) as units
    from fact_order_line l
    where l.status <> 'cancelled' and not l.is_replacement and l.quantity > 0
      and l.store_id = any(%(store_set)s) and l.business_on = any((select days from seen)::date[])
    group by l.store_id, l.sku, l.business_on),
  stocked as materialized (
    select i.store_id, i.sku, i.product_id, i.snapshot_on as fact_on, i.fulfillable,
           i.fulfillable + i.reserved as held
    from fact_inventory_day i
    where i.store_id = any(%(store_set)s) and i.snapshot_on = any((select days from seen)::date[])),
  last_snapshot as materialized (
    select r.store_id, r.business_on, max(r.fact_on) as snapshot_on
    from reach r join (select distinct store_id, fact_on from stocked) s using (store_id, fact_on)
    group by r.store_id, r.business_on),
  views as materialized (
    select r.store_id, r.business_on, t.product_id, sum(t.page_views) as views
    from fact_traffic_day t join reach r on r.store_id = t.store_id and r.fact_on = t.business_on
    where t.product_id <> '' and t.store_id = any(%(store_set)s)
      and t.business_on = any((select days from seen)::date[])
    group by r.store_id, r.business_on, t.product_id),
  sales as materialized (
    select r.store_id, r.business_on, s.sku, sum(s.units) as sold,
           sum(s.units) filter (where r.business_on - r.fact_on < 7) as sold_7
    from sold s join reach r using (store_id, fact_on)
    group by r.store_id, r.business_on, s.sku),
  stock as materialized (
    select r.store_id, r.business_on, s.sku, max(s.product_id) as product_id, count(*) as days,
           count(*) filter (where s.fulfillable > 0) as days_in,
           count(*) filter (where s.fulfillable = 0) as days_out,
           count(*) filter (where s.fulfillable = 0 and r.business_on - r.fact_on < 7) as days_out_7,
           sum(s.fulfillable) filter (where r.fact_on = l.snapshot_on) as sellable,
           sum(s.held) filter (where r.fact_on = l.snapshot_on) as held
    from stocked s join reach r using (store_id, fact_on) join last_snapshot l using (store_id, business_on)
    group by r.store_id, r.business_on, s.sku)
  select d.store_id, d.business_on, d.currency, p.sku, p.sold, p.days, p.days_in, p.sellable, p.held, v.views,
         lower(g.status) = 'active' or not k.has_listings as is_active,
         greatest(p.sold_7::numeric / nullif(7 - p.days_out_7, 0),
                  p.sold::numeric / nullif(30 - p.days_out, 0)) as speed
  from day d
  join {_ACTIVE_LISTINGS} k on k.store_id = d.store_id
  left join (select store_id, business_on, sku, t.product_id, s.sold, coalesce(s.sold_7, 0) as sold_7, t.days,
                    t.days_in, coalesce(t.days_out, 0) as days_out, coalesce(t.days_out_7, 0) as days_out_7,
                    t.sellable, t.held
             from stock t full join sales s using (store_id, business_on, sku)) p
    on p.store_id = d.store_id and p.business_on = d.business_on
  left join fact_listing g on g.store_id = p.store_id and g.sku = p.sku
  left join views v on v.store_id = p.store_id and v.business_on = p.business_on
    and v.product_id = p.product_id""",  # noqa: S608 - constants only
)

# Spend on a target (SKU in an ad group) without an order counts as wasted once it had three times the clicks
# that an order takes on the store's average.
AD_TARGETS = FactSource(
    key="ad_targets",
    table="fact_ad_day",
    families=frozenset({Family.ADS}),
    trailing_days=MONTH,
    dated_by="fact_on",
    parts_by=("profile_id", "campaign_id", "ad_group_id", "sku", "product_id"),
    parts=(
        ("spend", "sum(cost_amount * rate)"),
        ("clicks", "sum(clicks)"),
        ("orders", "sum(orders_7d)"),
        ("all_clicks", "max(all_clicks)"),
        ("all_orders", "max(all_orders)"),
    ),
    rows=f"""
  with {reach(MONTH)}
  select d.store_id, d.business_on, coalesce(a.currency, d.currency) as currency,
         coalesce(a.fact_on, d.business_on) as fact_on, a.profile_id, a.campaign_id, a.ad_group_id, a.sku,
         a.product_id, a.clicks, a.orders_7d, a.cost_amount,
         sum(a.clicks) over (partition by d.store_id, d.business_on) as all_clicks,
         sum(a.orders_7d) over (partition by d.store_id, d.business_on) as all_orders
  from day d
  left join (select r.store_id, r.business_on, r.fact_on, x.currency, x.profile_id, x.campaign_id,
                    x.ad_group_id, x.sku, x.product_id, x.clicks, x.orders_7d, x.cost_amount
             from fact_ad_day x join reach r on r.store_id = x.store_id and r.fact_on = x.business_on
             where x.store_id = any(%(store_set)s)
               and x.business_on = any((select days from seen)::date[])) a
    on a.store_id = d.store_id and a.business_on = d.business_on""",  # noqa: S608 - constants only
)


# What stood on its way: intervals between departures of one SKU, and the days from check-in to the last unit.
# Goods are known from their departure on; they arrive within the half year before the quarter looked at.
INBOUND_BACK = 270
INBOUND_FLOW = FactSource(
    key="inbound_flow",
    table="fact_inbound_shipment",
    families=frozenset({Family.INBOUND}),
    trailing_days=INBOUND_BACK,
    rows=f"""
  with {reach(QUARTER)},
  shipment as materialized (
    select i.store_id, i.sku, i.business_on, (i.received_at at time zone s.time_zone)::date as received_on,
           extract(epoch from i.received_at - i.checked_in_at) / 86400 as receiving_days
    from fact_inbound_shipment i join connectors_store s on s.id = i.store_id
    where i.store_id = any(%(store_set)s)
      and i.business_on > (select min(business_on) from day) - {INBOUND_BACK}
      and i.business_on <= (select max(business_on) from day)),
  flow as (
    select store_id, business_on as fact_on, business_on,
           business_on - lag(business_on) over (partition by store_id, sku order by business_on)
             as interval_days, null::numeric as receiving_days
    from (select distinct store_id, sku, business_on from shipment) x
    union all
    select store_id, received_on, business_on, null, receiving_days
    from shipment where received_on is not null)
  select d.store_id, d.business_on, d.currency, w.interval_days, w.receiving_days
  from day d
  left join (select r.store_id, r.business_on, w.receiving_days,
                    case when w.interval_days <= {INBOUND_BACK - QUARTER} then w.interval_days end
                      as interval_days
             from flow w join reach r using (store_id, fact_on)
             where w.business_on > r.business_on - {INBOUND_BACK}) w
    on w.store_id = d.store_id and w.business_on = d.business_on""",  # noqa: S608 - constants only
)


def trailing_measure(
    source: FactSource,
    key: str,
    expression: str,
    meaning: str,
    *,
    unit: Unit = Unit.COUNT,
    basis: Basis = Basis.ORDER,
    counts_missing_rates: bool = False,
) -> Measure:
    """A measure of a source that looks back: of a window only its last day counts."""
    return Measure(
        key=key,
        source=source.key,
        unit=unit,
        basis=basis,
        expression=expression,
        meaning=meaning,
        over_days=OverDays.LAST,
        counts_missing_rates=counts_missing_rates,
    )


TRAILING_MEASURES = (
    trailing_measure(
        SKU_ACTIVITY,
        "skus_sold",
        "count(sku) filter (where sold > 0)",
        "SKUs of which a unit was sold in 30 days",
    ),
    trailing_measure(
        SKU_ACTIVITY,
        "skus_sellable",
        "count(sku) filter (where sold > 0 or (is_active and days_in > 0))",
        "SKUs that could be sold in 30 days: active and in stock on a day, or sold",
    ),
    trailing_measure(
        SKU_ACTIVITY,
        "skus_on_hand",
        "count(sku) filter (where held > 0)",
        "SKUs with units on hand at the last snapshot",
        basis=Basis.SNAPSHOT,
    ),
    trailing_measure(
        SKU_ACTIVITY,
        "skus_idle",
        "count(sku) filter (where held > 0 and coalesce(sold, 0) = 0)",
        "SKUs with units on hand at the last snapshot of which none was sold in 30 days",
        basis=Basis.SNAPSHOT,
    ),
    trailing_measure(
        SKU_ACTIVITY,
        "cover_units",
        "coalesce(sum(sellable), 0)",
        "Sellable units at the last snapshot",
        basis=Basis.SNAPSHOT,
    ),
    trailing_measure(
        SKU_ACTIVITY,
        "cover_speed",
        "coalesce(sum(speed) filter (where sellable is not null), 0)",
        "Units sold a day, per SKU the faster of 7 and 30 days, days without stock left out",
        unit=Unit.NUMBER,
    ),
    trailing_measure(
        SKU_ACTIVITY,
        "views_in_stock",
        "coalesce(sum(views * days_in) filter (where is_active), 0)",
        "SKU-days in stock, weighted by the page views of the SKU's product, in 30 days",
        unit=Unit.NUMBER,
        basis=Basis.SNAPSHOT,
    ),
    trailing_measure(
        SKU_ACTIVITY,
        "views_counted",
        "coalesce(sum(views * days) filter (where is_active), 0)",
        "SKU-days of active SKUs, weighted in the same way",
        unit=Unit.NUMBER,
        basis=Basis.SNAPSHOT,
    ),
    # Without any order there is no rate to compare with, so nothing is judged.
    trailing_measure(
        AD_TARGETS,
        "wasted_spend",
        "coalesce(sum(spend) filter (where orders = 0 and clicks * all_orders >= 3 * all_clicks"
        " and all_orders > 0), 0)",
        "Spend of 30 days on targets without an order that had 3 / (orders per click) clicks or more",
        unit=Unit.MONEY,
        basis=Basis.CLICK,
    ),
    trailing_measure(
        AD_TARGETS,
        "judged_spend",
        "coalesce(sum(spend) filter (where all_orders > 0), 0)",
        "Spend of 30 days on all targets; none while nothing was ordered: there is no rate to judge by",
        unit=Unit.MONEY,
        basis=Basis.CLICK,
    ),
    *histogram(
        REPLENISHMENT.key,
        INBOUND_FLOW.key,
        "interval_days",
        REPLENISHMENT.edges,
        basis=Basis.POSTED,
        meaning="Days between departures of the same SKU, at most 180, departures of 90 days",
        over_days=OverDays.LAST,
    ),
    *histogram(
        RECEIVING.key,
        INBOUND_FLOW.key,
        "receiving_days",
        RECEIVING.edges,
        basis=Basis.POSTED,
        meaning="Days from check-in to full receipt, goods received in 90 days",
        over_days=OverDays.LAST,
    ),
)
