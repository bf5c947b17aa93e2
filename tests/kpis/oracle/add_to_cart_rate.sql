select sum(cart_sessions)::numeric / nullif(sum(sessions), 0) from fact_funnel_day where store_id = %(store)s and business_on between %(first)s and %(last)s
