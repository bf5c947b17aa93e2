select sum(numerator) / nullif(sum(denominator), 0) from fact_evidence
where store_id = %(store)s and metric = 'kpi_attainment' and observed_on = (
  select max(observed_on) from fact_evidence where store_id = %(store)s and metric = 'kpi_attainment'
    and observed_on between %(first)s and %(last)s)
