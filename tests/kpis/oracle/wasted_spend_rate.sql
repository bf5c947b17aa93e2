-- trailing 30
, target as (
  select sum(clicks) as clicks, sum(orders_7d) as orders,
         sum(cost_amount * case when currency = (select currency from store) then 1 else (
           select y.per_eur::numeric(50, 32) / x.per_eur from public.tenants_fxrate x
           join public.tenants_fxrate y on y.rate_on = x.rate_on
           where x.currency = a.currency and y.currency = (select currency from store)
             and x.rate_on between a.business_on - 7 and a.business_on
           order by x.rate_on desc limit 1) end) as cost
  from fact_ad_day a where store_id = %(store)s and business_on between %(first)s and %(last)s
  group by profile_id, campaign_id, ad_group_id, sku, product_id),
whole as (select sum(orders)::numeric / nullif(sum(clicks), 0) as cvr, sum(cost) as cost from target)
select coalesce((select sum(t.cost) from target t where t.orders = 0 and t.clicks >= 3 / whole.cvr), 0) / whole.cost
from whole where cvr > 0
