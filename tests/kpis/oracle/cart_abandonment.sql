select 1 - sum(checkouts_completed)::numeric / nullif(sum(checkouts_started), 0) from fact_funnel_day where store_id = %(store)s and business_on between %(first)s and %(last)s
