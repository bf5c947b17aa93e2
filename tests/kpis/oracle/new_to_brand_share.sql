-- trailing 30
, bought as (
  select distinct l.platform_order_id, l.buyer_hash, l.business_on,
         not exists (select from fact_order_line p where p.store_id = l.store_id and p.buyer_hash = l.buyer_hash
        and p.status <> 'cancelled' and not p.is_replacement and (
          p.business_on between l.business_on - 365 and l.business_on - 1
          or (p.business_on = l.business_on and p.platform_order_id < l.platform_order_id))) as is_new
  from live l where l.buyer_hash <> '')
select count(*) filter (where is_new)::numeric / nullif(count(*), 0) from bought
