select count(*) from fact_review x where x.store_id = %(store)s and x.business_on between %(first)s and %(last)s
