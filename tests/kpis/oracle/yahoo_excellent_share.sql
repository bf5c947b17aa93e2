select min(rate) from fact_performance where store_id = %(store)s and metric = 'yahoo_excellent_share' and reported_on = (
  select max(reported_on) from fact_performance where store_id = %(store)s and metric = 'yahoo_excellent_share'
    and reported_on between %(first)s and %(last)s)
