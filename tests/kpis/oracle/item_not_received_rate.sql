select (select count(*) from (
          select distinct coalesce(cohort_on, business_on), case when platform_order_id = '' then claim_key else platform_order_id end
          from fact_claim where store_id = %(store)s and kind = 'item_not_received' and not is_excluded
            and coalesce(cohort_on, business_on) between %(first)s and %(last)s) c)::numeric
       / nullif((select count(distinct platform_order_id) from live), 0)
