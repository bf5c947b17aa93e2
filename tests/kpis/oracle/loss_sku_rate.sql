-- trailing 30
, priced as (
  select l.*, k.landed, k.other,
         l.price / nullif((select sum(o.price) from live o where o.platform_order_id = l.platform_order_id), 0)
           as share
  from live l left join cost_of k on k.sheet = l.sheet and k.day = l.business_on),
sku as (
  select sku, sum(quantity) as sold, sum(quantity) filter (where landed is null) as unknown,
         sum(price - discount_amount - points_amount - quantity * (landed + other)) as earned
  from priced group by sku having sum(quantity) > 0),
due as (
  select c.*, coalesce(c.cohort_on, c.business_on) as counts_on from fact_charge c
  where c.store_id = %(store)s
    and c.kind in ('refund', 'referral_fee', 'payment_fee', 'fulfilment_fee', 'return_fee', 'refund_fee')
  union all
  select c.*, c.business_on from fact_charge c
  where c.store_id = %(store)s and c.kind in ('storage_fee', 'aged_storage_fee') and c.sku <> ''),
result as (
  select s.sku, s.unknown, s.earned
    + coalesce((select sum(d.amount) from due d
                where d.sku = s.sku and d.counts_on between %(first)s and %(last)s), 0)
    + coalesce((select sum(d.amount * p.share) from due d
                join priced p on p.platform_order_id = d.platform_order_id and p.sku = s.sku
                where d.sku = '' and d.cohort_on between %(first)s and %(last)s), 0)
    - coalesce((select sum(p.quantity * (e.referral_amount + e.closing_amount + e.fulfilment_amount))
                from priced p join fact_fee_estimate e on e.store_id = p.store_id and e.sku = p.sku
                  and e.estimated_on = (select max(x.estimated_on) from fact_fee_estimate x
                                        where x.store_id = p.store_id and x.sku = p.sku)
                where p.sku = s.sku and not p.is_charged), 0)
    + coalesce((select sum(r.quantity * k.landed) from fact_return r
                join cost_of k on k.day = r.cohort_on and k.sheet = (
                  select c.id from fact_cost_sheet c, store where c.sku = r.sku
                  and c.market in ('', store.market) and c.channel in ('', 'platform') and c.effective_on <= r.cohort_on
                  order by c.market = '', c.channel = '', c.effective_on desc, c.version desc limit 1)
                where r.store_id = %(store)s and r.sku = s.sku and r.disposition = 'SELLABLE'
                  and r.cohort_on between %(first)s and %(last)s), 0)
    - coalesce((select sum(a.cost_amount * case when a.currency = (select currency from store) then 1 else (
                  select y.per_eur::numeric(50, 32) / x.per_eur from public.tenants_fxrate x
                  join public.tenants_fxrate y on y.rate_on = x.rate_on
                  where x.currency = a.currency and y.currency = (select currency from store)
                    and x.rate_on between a.business_on - 7 and a.business_on
                  order by x.rate_on desc limit 1) end)
                from fact_ad_day a
                where a.store_id = %(store)s and a.sku = s.sku
                  and a.business_on between %(first)s and %(last)s), 0) as contribution
  from sku s)
select count(*) filter (where contribution < 0 and not exists (
         select from fact_event e where e.store_id = %(store)s and e.kind = 'promotion' and e.sku = result.sku
         and e.title ilike '%%clearance%%' and e.business_on <= %(last)s
         and coalesce(e.ended_at::date, e.business_on) >= %(first)s))::numeric / nullif(count(*), 0)
from result where unknown is null
