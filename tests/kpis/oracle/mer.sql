select net / nullif(spend + (select coalesce(sum(e.amount * case when e.currency = (select currency from store) then 1 else (
    select y.per_eur::numeric(50, 32) / x.per_eur from public.tenants_fxrate x
    join public.tenants_fxrate y on y.rate_on = x.rate_on
    where x.currency = e.currency and y.currency = (select currency from store)
      and x.rate_on between e.business_on - 7 and e.business_on
    order by x.rate_on desc limit 1) end), 0)
  from fact_expense e
  where e.store_id = %(store)s and e.business_on between %(first)s and %(last)s
    and e.kind in ('marketing', 'acquisition')), 0)
from sales, ads
