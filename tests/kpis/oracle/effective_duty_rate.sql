select sum(d.duty_amount * r.rate) / nullif(sum(d.customs_value_amount * r.rate), 0)
from fact_customs_declaration d cross join lateral (
  select case when d.currency = (select currency from store) then 1 else (
    select y.per_eur::numeric(50, 32) / x.per_eur from public.tenants_fxrate x
    join public.tenants_fxrate y on y.rate_on = x.rate_on
    where x.currency = d.currency and y.currency = (select currency from store)
      and x.rate_on between d.business_on - 7 and d.business_on
    order by x.rate_on desc limit 1) end as rate) r
where d.store_id = %(store)s and d.business_on between %(first)s and %(last)s and d.outcome <> 'pending'
