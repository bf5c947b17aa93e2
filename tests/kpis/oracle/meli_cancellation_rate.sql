select max(rate) from fact_performance where store_id = %(store)s and metric = 'meli_cancellation_rate' and reported_on = (
  select max(reported_on) from fact_performance where store_id = %(store)s and metric = 'meli_cancellation_rate'
    and reported_on between %(first)s and %(last)s)
