, payout as (
  select p.*, r.rate from fact_payout p cross join lateral (
    select case when p.currency = (select currency from store) then 1 else (
      select y.per_eur::numeric(50, 32) / x.per_eur from public.tenants_fxrate x
      join public.tenants_fxrate y on y.rate_on = x.rate_on
      where x.currency = p.currency and y.currency = (select currency from store)
        and x.rate_on <= p.business_on and x.rate_on >= p.business_on - 7
      order by x.rate_on desc limit 1) end as rate) r
  where p.store_id = %(store)s and p.business_on between %(first)s and %(last)s)
select sum(rate * abs(paid_amount - expected_amount)) / nullif(sum(rate * abs(expected_amount)), 0) from payout
