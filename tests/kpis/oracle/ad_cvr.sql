select sum(orders_7d)::numeric / nullif(sum(clicks), 0) from fact_ad_day where store_id = %(store)s and business_on between %(first)s and %(last)s
