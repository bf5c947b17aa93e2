select exp(avg(ln(own.price / rival.price)))
from (select distinct product_id, business_on from fact_offer_snapshot
      where store_id = %(store)s and business_on between %(first)s and %(last)s) d
cross join lateral (
  select max(observed_at) as at from fact_offer_snapshot o
  where o.store_id = %(store)s and o.product_id = d.product_id and o.business_on = d.business_on) seen
cross join lateral (
  select min(landed_amount) as price from fact_offer_snapshot o where o.store_id = %(store)s
    and o.product_id = d.product_id and o.observed_at = seen.at and o.condition = 'new' and o.is_own) own
cross join lateral (
  select min(landed_amount) as price from fact_offer_snapshot o where o.store_id = %(store)s
    and o.product_id = d.product_id and o.observed_at = seen.at and o.condition = 'new' and not o.is_own) rival
where own.price is not null and rival.price is not null
