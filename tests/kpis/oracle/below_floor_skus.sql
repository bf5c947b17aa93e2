select sum(numerator) from fact_evidence
where store_id = %(store)s and metric = 'below_floor_skus' and observed_on = (
  select max(observed_on) from fact_evidence where store_id = %(store)s and metric = 'below_floor_skus'
    and observed_on between %(first)s and %(last)s)
