select rate from fact_performance
where store_id = %(store)s and metric = 'ipi' and reported_on between %(first)s and %(last)s
order by reported_on desc limit 1
