select spend / nullif((select sum(clicks) from fact_ad_day where store_id = %(store)s and business_on between %(first)s and %(last)s), 0) from ads
