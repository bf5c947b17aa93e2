-- trailing 365
, bought as (
  select distinct l.platform_order_id, l.buyer_hash, l.business_on,
         not exists (select from fact_order_line p where p.store_id = l.store_id and p.buyer_hash = l.buyer_hash
        and p.status <> 'cancelled' and not p.is_replacement and (
          p.business_on between l.business_on - 365 and l.business_on - 1
          or (p.business_on = l.business_on and p.platform_order_id < l.platform_order_id))) as is_new
  from live l where l.buyer_hash <> ''),
cohort as (select buyer_hash, business_on from bought where is_new),
brought as (
  select sum(l.price - l.discount_amount - l.points_amount) as sales
  from live l where l.buyer_hash <> '' and exists (
    select from cohort c where c.buyer_hash = l.buyer_hash and c.business_on <= l.business_on)),
value as (
  select (select sales from brought) / nullif((select count(*) from cohort), 0)
         * (cm2 - spend) / nullif(net, 0) as ltv
  from margin, ads, sales where net > 0),
month as (
  select coalesce(sum(a.cost_amount * r.rate), 0) as spend
  from (select currency, business_on, cost_amount from fact_ad_day where store_id = %(store)s
        union all
        select currency, business_on, amount from fact_expense
        where store_id = %(store)s and kind = 'acquisition') a
  cross join lateral (
    select case when a.currency = (select currency from store) then 1 else (
      select y.per_eur::numeric(50, 32) / x.per_eur from public.tenants_fxrate x
      join public.tenants_fxrate y on y.rate_on = x.rate_on
      where x.currency = a.currency and y.currency = (select currency from store)
        and x.rate_on between a.business_on - 7 and a.business_on
      order by x.rate_on desc limit 1) end as rate) r
  where a.business_on between %(last)s - 29 and %(last)s)
select ltv / (month.spend / nullif((select count(*) from bought
                                    where is_new and business_on > %(last)s - 30), 0))
from value, month where month.spend > 0
