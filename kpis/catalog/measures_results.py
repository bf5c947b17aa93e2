"""Measures of what each SKU brought in a month: how many earn something, how many lose."""

from __future__ import annotations

from connectors.types import Family
from kpis.catalog.measures_trailing import MONTH, reach, trailing_measure
from kpis.engine.measures import FactSource

# Titles of promotions that say that a SKU is being sold off, so a loss on it is meant.
CLEARANCE = "clearance|清仓|在庫処分|liquidaci[oó]n"

# What a SKU brought: its sales, the fees of its orders (a fee of a whole order is spread over the lines by
# price), its advertising. Costs and rates are those of the day of each movement.
SKU_RESULT = FactSource(
    key="sku_result",
    table="fact_order_line",
    families=frozenset(
        {
            *(Family.ORDERS, Family.CHARGES, Family.RETURNS, Family.ADS),
            *(Family.COSTS, Family.FEES, Family.EVENTS),
        }
    ),
    uses_costs=True,
    trailing_days=MONTH,
    dated_by="fact_on",
    cost_channel="r.channel",
    parts_by=("sku",),
    parts=(
        (
            "contribution",
            "sum(amount * rate) - coalesce(sum(landed * unit_landed), 0)"
            " - coalesce(sum(sold * unit_other), 0)",
        ),
        ("sold", "sum(sold)"),
        ("with_cost", "coalesce(sum(sold) filter (where unit_landed is not null), 0)"),
        ("without_rate", "coalesce(sum(sold) filter (where lacks_rate), 0)"),
        ("is_clearance", "bool_or(is_clearance)"),
    ),
    rows=f"""
  with {reach(MONTH)},
  line as materialized (
    select l.store_id, l.business_on as fact_on, l.currency, l.sku, l.channel, l.platform_order_id,
           l.quantity, l.gross_amount - l.tax_amount as price,
           l.discount_amount + l.points_amount as reductions,
           sum(l.gross_amount - l.tax_amount) over (partition by l.store_id, l.platform_order_id)
             as order_price
    from fact_order_line l
    where l.status <> 'cancelled' and not l.is_replacement
      and l.store_id = any(%(store_set)s) and l.business_on = any((select days from seen)::date[])),
  charge as materialized (
    select c.store_id, c.cohort_on as fact_on, c.currency, c.sku, c.platform_order_id, c.kind, c.amount
    from fact_charge c
    where c.kind in ('refund', 'referral_fee', 'payment_fee', 'fulfilment_fee', 'return_fee', 'refund_fee')
      and c.store_id = any(%(store_set)s) and c.cohort_on = any((select days from seen)::date[])
    union all
    select c.store_id, c.business_on, c.currency, c.sku, '', c.kind, c.amount
    from fact_charge c
    where c.sku <> '' and c.store_id = any(%(store_set)s)
      and c.business_on = any((select days from seen)::date[])
      and (c.kind in ('storage_fee', 'aged_storage_fee')
           or (c.cohort_on is null and c.kind in
               ('refund', 'referral_fee', 'payment_fee', 'fulfilment_fee', 'return_fee', 'refund_fee')))),
  charged as materialized (
    select distinct store_id, platform_order_id from charge where kind = 'referral_fee'),
  estimate as materialized (
    select k.store_id, k.sku, e.currency,
           e.referral_amount + e.closing_amount + e.fulfilment_amount as fees
    from (select distinct store_id, sku from line) k
    cross join lateral (
      select x.* from fact_fee_estimate x where x.store_id = k.store_id and x.sku = k.sku
      order by x.estimated_on desc limit 1) e),
  movement as materialized (
    select store_id, fact_on, currency, sku, channel, sum(price - reductions) as amount,
           sum(quantity) as sold, sum(quantity) as landed
    from line group by store_id, fact_on, currency, sku, channel
    union all
    select l.store_id, l.fact_on, l.currency, l.sku, 'platform', -sum(l.quantity * e.fees), 0, 0
    from line l
    join estimate e on e.store_id = l.store_id and e.sku = l.sku and e.currency = l.currency
    left join charged c on c.store_id = l.store_id and c.platform_order_id = l.platform_order_id
    where c.store_id is null
    group by l.store_id, l.fact_on, l.currency, l.sku
    union all
    select store_id, fact_on, currency, sku, 'platform', sum(amount), 0, 0
    from charge where sku <> '' group by store_id, fact_on, currency, sku
    union all
    select c.store_id, c.fact_on, c.currency, l.sku, 'platform', sum(c.amount * l.price / l.order_price), 0, 0
    from charge c join line l on l.store_id = c.store_id and l.platform_order_id = c.platform_order_id
    where c.sku = '' and l.order_price > 0
    group by c.store_id, c.fact_on, c.currency, l.sku
    union all
    select r.store_id, r.cohort_on, s.currency, r.sku, 'platform', 0, 0, -sum(r.quantity)
    from fact_return r join (select distinct store_id, currency from day) s on s.store_id = r.store_id
    where upper(r.disposition) = 'SELLABLE' and r.store_id = any(%(store_set)s)
      and r.cohort_on = any((select days from seen)::date[])
    group by r.store_id, r.cohort_on, s.currency, r.sku
    union all
    select a.store_id, a.business_on, a.currency, a.sku, 'platform', -sum(a.cost_amount), 0, 0
    from fact_ad_day a
    where a.sku <> '' and a.store_id = any(%(store_set)s)
      and a.business_on = any((select days from seen)::date[])
    group by a.store_id, a.business_on, a.currency, a.sku),
  clearance as materialized (
    select distinct d.store_id, d.business_on, e.sku
    from day d join fact_event e on e.store_id = d.store_id and e.store_id = any(%(store_set)s)
    where e.kind = 'promotion' and e.sku <> '' and e.title ~* '{CLEARANCE}' and e.business_on <= d.business_on
      and coalesce(e.ended_at::date, e.business_on) > d.business_on - {MONTH})
  select d.store_id, d.business_on, coalesce(m.currency, d.currency) as currency, m.sku,
         coalesce(m.channel, 'platform') as channel,
         coalesce(m.fact_on, d.business_on) as fact_on, m.amount, m.sold, m.landed,
         c.sku is not null as is_clearance
  from day d
  left join (select r.store_id, r.business_on, m.fact_on, m.currency, m.sku, m.channel, m.amount, m.sold,
                    m.landed
             from reach r join movement m using (store_id, fact_on)) m
    on m.store_id = d.store_id and m.business_on = d.business_on
  left join clearance c on c.store_id = d.store_id and c.business_on = d.business_on and c.sku = m.sku""",  # noqa: S608 - constants only
)

_JUDGED = "sold > 0 and sold = with_cost and not has_gap"

RESULT_MEASURES = (
    trailing_measure(
        SKU_RESULT,
        "skus_at_a_loss",
        f"count(sku) filter (where {_JUDGED} and contribution < 0 and not is_clearance)",
        "SKUs whose contribution after advertising is below zero in 30 days, clearance left out",
    ),
    trailing_measure(
        SKU_RESULT,
        "skus_with_result",
        f"count(sku) filter (where {_JUDGED})",
        "SKUs sold in 30 days whose costs are known",
    ),
    trailing_measure(SKU_RESULT, "result_units", "coalesce(sum(sold), 0)", "Units sold in 30 days"),
    trailing_measure(
        SKU_RESULT,
        "result_units_with_cost",
        "coalesce(sum(with_cost), 0)",
        "Units of 30 days whose cost is known",
    ),
    trailing_measure(
        SKU_RESULT,
        "result_units_without_rate",
        "coalesce(sum(without_rate), 0)",
        "Units of 30 days whose cost sheet could not be converted for lack of an exchange rate",
        counts_missing_rates=True,
    ),
)
