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
  from margin, ads, sales where net > 0)
select ltv from value
