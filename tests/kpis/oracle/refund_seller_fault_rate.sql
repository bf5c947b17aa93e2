, fault as (
  select distinct coalesce(cohort_on, business_on) as day,
         case when platform_order_id = '' then claim_key else platform_order_id end as key
  from fact_claim where store_id = %(store)s and kind = 'refund' and is_seller_fault
    and coalesce(cohort_on, business_on) between %(first)s and %(last)s
  union
  select r.cohort_on, r.platform_order_id from fact_return r
  where r.store_id = %(store)s and r.cohort_on between %(first)s and %(last)s
    and upper(r.reason) in (select unnest(array['DEFECTIVE', 'NOT_AS_DESCRIBED', 'WRONG_ITEM', 'SWITCHEROO', 'MISSING_PARTS',
    'QUALITY_UNACCEPTABLE', 'NOT_COMPATIBLE_AS_DESCRIBED', 'EXPIRED_ITEM', 'MISSED_ESTIMATED_DELIVERY', 'DAMAGED_BY_FC']))
    and exists (select from fact_charge c where c.store_id = r.store_id and c.kind = 'refund'
                and c.platform_order_id = r.platform_order_id and c.cohort_on = r.cohort_on))
select (select count(*) from fault)::numeric / nullif((select count(distinct platform_order_id) from live), 0)
