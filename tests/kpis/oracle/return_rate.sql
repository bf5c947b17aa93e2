select (select coalesce(sum(quantity), 0) from fact_return where store_id = %(store)s
        and cohort_on between %(first)s and %(last)s)::numeric
       / (select sum(quantity) from live where status = 'shipped')
