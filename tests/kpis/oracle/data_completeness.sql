select sum(numerator) / nullif(sum(denominator), 0) from fact_evidence
where store_id = %(store)s and metric = 'data_completeness' and observed_on between %(first)s and %(last)s
