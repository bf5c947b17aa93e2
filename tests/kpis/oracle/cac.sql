-- trailing 30
, bought as (
  select distinct l.platform_order_id, l.buyer_hash, l.business_on,
         not exists (select from fact_order_line p where p.store_id = l.store_id and p.buyer_hash = l.buyer_hash
        and p.status <> 'cancelled' and not p.is_replacement and (
          p.business_on between l.business_on - 365 and l.business_on - 1
          or (p.business_on = l.business_on and p.platform_order_id < l.platform_order_id))) as is_new
  from live l where l.buyer_hash <> '')
select (spend + (select coalesce(sum(e.amount * case when e.currency = (select currency from store) then 1 else (
    select y.per_eur::numeric(50, 32) / x.per_eur from public.tenants_fxrate x
    join public.tenants_fxrate y on y.rate_on = x.rate_on
    where x.currency = e.currency and y.currency = (select currency from store)
      and x.rate_on between e.business_on - 7 and e.business_on
    order by x.rate_on desc limit 1) end), 0)
  from fact_expense e
  where e.store_id = %(store)s and e.business_on between %(first)s and %(last)s
    and e.kind in ('acquisition')))
  / nullif((select count(*) from bought where is_new), 0)
from ads
