, payout as (
  select p.*, r.rate from fact_payout p cross join lateral (
    select case when p.currency = (select currency from store) then 1 else (
      select y.per_eur::numeric(50, 32) / x.per_eur from public.tenants_fxrate x
      join public.tenants_fxrate y on y.rate_on = x.rate_on
      where x.currency = p.currency and y.currency = (select currency from store)
        and x.rate_on <= p.business_on and x.rate_on >= p.business_on - 7
      order by x.rate_on desc limit 1) end as rate) r
  where p.store_id = %(store)s and p.business_on between %(first)s and %(last)s)
select (select sum((s.fulfillable + s.reserved) * coalesce(s.landed, 0)) / count(distinct s.snapshot_on)
       * (%(last)s::date - %(first)s::date + 1) / (select amount from cogs)
from stock s)
  + (select sum(rate * paid_amount * mean_days) / sum(rate * paid_amount) from payout where paid_amount > 0)
  - (select sum(numerator) / nullif(sum(denominator), 0) from fact_evidence
     where store_id = %(store)s and metric = 'payable_days' and observed_on = (
       select max(observed_on) from fact_evidence where store_id = %(store)s and metric = 'payable_days'
         and observed_on between %(first)s and %(last)s))
