select sum(numerator)::numeric / nullif(sum(denominator), 0) from fact_performance
where store_id = %(store)s and metric = 'excess_rate' and reported_on = (
  select max(reported_on) from fact_performance
  where store_id = %(store)s and metric = 'excess_rate' and reported_on between %(first)s and %(last)s)
