select r1.rate / r0.rate - 1
from store,
lateral (select n.per_eur / d.per_eur as rate from public.tenants_fxrate n
         join public.tenants_fxrate d on d.rate_on = n.rate_on and d.currency = 'USD'
         where n.currency = store.currency and n.rate_on <= %(last)s order by n.rate_on desc limit 1) r1,
lateral (select n.per_eur / d.per_eur as rate from public.tenants_fxrate n
         join public.tenants_fxrate d on d.rate_on = n.rate_on and d.currency = 'USD'
         where n.currency = store.currency and n.rate_on < %(first)s order by n.rate_on desc limit 1) r0
where store.currency <> 'USD'
