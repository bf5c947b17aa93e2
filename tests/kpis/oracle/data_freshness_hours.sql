select max(case when denominator <> 0 then numerator / denominator end) from fact_evidence
where store_id = %(store)s and metric = 'data_freshness_hours' and observed_on = (
  select max(observed_on) from fact_evidence where store_id = %(store)s and metric = 'data_freshness_hours'
    and observed_on between %(first)s and %(last)s)
