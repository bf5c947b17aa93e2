select avg(rating) from fact_feedback
where store_id = %(store)s and business_on between %(first)s and %(last)s
